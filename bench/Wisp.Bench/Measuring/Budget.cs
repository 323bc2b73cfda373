namespace Wisp.Bench.Measuring;

/// <summary>How long a row may take.</summary>
/// <param name="Rounds">Most timed rounds; the least time counts.</param>
/// <param name="Seconds">No round begins after so many seconds, but two are always run; null for no such end.</param>
internal sealed record Budget(int Rounds, double? Seconds);
