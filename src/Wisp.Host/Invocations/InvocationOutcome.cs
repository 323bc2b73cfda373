using Wisp.Host.Telemetry;

namespace Wisp.Host.Invocations;

/// <summary>How an invocation came out.</summary>
/// <param name="Status">Status of the answer, or 499 when there was nobody left to answer.</param>
/// <param name="Figures">What its program took.</param>
/// <param name="Limit">The limit that ended it, by its key in <c>[component.NAME.limits]</c>, or null.</param>
/// <param name="Failure">Why it failed, with the backtrace of a trap; or null.</param>
internal readonly record struct InvocationOutcome(int Status, RunFigures Figures = default, string? Limit = null, string? Failure = null);

/// <summary>How a run of a cron trigger came out.</summary>
/// <param name="Result">One word or two: ok, exit 3, trap, stopped, failed, skipped.</param>
/// <param name="Figures">What its program took.</param>
/// <param name="Limit">The limit that ended it, or null.</param>
/// <param name="Failure">Why it failed, with the backtrace of a trap; or null.</param>
internal readonly record struct CronOutcome(string Result, RunFigures Figures = default, string? Limit = null, string? Failure = null)
{
    public const string Ok = "ok";
}
