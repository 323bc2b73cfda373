namespace Wisp.Host.Invocations;

/// <summary>How an invocation came out, for the log.</summary>
/// <param name="Status">Status of the answer, or 499 when there was nobody left to answer.</param>
/// <param name="Instantiation">Time to make the instance.</param>
/// <param name="MemoryBytes">Linear memory at the end.</param>
/// <param name="Limit">The limit that ended it, by its key in <c>[component.NAME.limits]</c>, or null.</param>
internal readonly record struct InvocationOutcome(int Status, TimeSpan Instantiation = default, long MemoryBytes = 0, string? Limit = null);

/// <summary>How a run of a cron trigger came out, for the log.</summary>
/// <param name="Result">One word or two: ok, exit 3, trap, limit.</param>
/// <param name="Instantiation">Time to make the instance.</param>
/// <param name="MemoryBytes">Linear memory at the end.</param>
/// <param name="Limit">The limit that ended it, or null.</param>
internal readonly record struct CronOutcome(string Result, TimeSpan Instantiation = default, long MemoryBytes = 0, string? Limit = null);
