using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench;

/// <summary>What every table needs: both engines, where rows go, and how long to take.</summary>
/// <param name="Wisp">Our engine.</param>
/// <param name="Peer">The engine beside it.</param>
/// <param name="Table">Where rows go.</param>
/// <param name="Rounds">Timed rounds a row.</param>
/// <param name="Filter">Part of the names to run, or null for all.</param>
internal sealed record BenchContext(IEngine Wisp, IEngine Peer, RatioTable Table, int Rounds, string? Filter);
