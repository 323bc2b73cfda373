namespace Wisp.Bench.Suites;

/// <summary>What a run showed.</summary>
/// <param name="Nanoseconds">CPU time between bench.start and bench.end, or of the whole program.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record SuiteRun(long Nanoseconds, byte[] Output, byte[] Error);
