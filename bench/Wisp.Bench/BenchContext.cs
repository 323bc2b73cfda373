using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench;

/// <summary>What every table needs: both engines, where rows go, and how long to take.</summary>
/// <param name="Wisp">Our engine.</param>
/// <param name="Peer">The engine beside it.</param>
/// <param name="Table">Where rows go.</param>
/// <param name="Rounds">Most timed rounds a row.</param>
/// <param name="Filter">Part of the names to run, or null for all.</param>
internal sealed record BenchContext(IEngine Wisp, IEngine Peer, RatioTable Table, int Rounds, string? Filter)
{
    /// <summary>When a row stops before its rounds are done, or null.</summary>
    public double? Seconds { get; init; }

    /// <summary>Whether no peer runs at all, where a table can do without.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Whether V8 runs too, where a table can have it.</summary>
    public bool HasV8 { get; init; }

    /// <summary>Whether native code runs too, where a table can have it.</summary>
    public bool HasNative { get; init; }

    public Budget Budget => new(Rounds, Seconds);
}
