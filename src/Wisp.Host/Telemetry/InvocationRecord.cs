using Wisp.Host.Invocations;
using Wisp.Permissions;

namespace Wisp.Host.Telemetry;

/// <summary>What is kept of one invocation.</summary>
internal sealed record InvocationRecord
{
    /// <summary>Counts invocations from 1; lines that the program wrote carry it too.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>What it is one of.</summary>
    public required InvocationOrigin Origin { get; init; }

    /// <summary>The app, or null for a program that is served by itself.</summary>
    public string? App => Origin.App;

    /// <summary>Number of the app's version, or 0 where there are no versions.</summary>
    public int Version => Origin.Version;

    public string? Component => Origin.Component;

    /// <summary>The route or the schedule.</summary>
    public string? Route => Origin.Route;

    /// <summary><c>http</c> or <c>cron</c>.</summary>
    public string Trigger => Origin.Trigger;

    /// <summary>Method of a request; null for cron.</summary>
    public string? Method { get; init; }

    /// <summary>Path and query as the client sent them; null for cron.</summary>
    public string? Target { get; init; }

    /// <summary>Status of the answer; 499 when there was nobody left to answer; 0 for cron.</summary>
    public int Status { get; init; }

    /// <summary>For cron: ok, exit 3, trap, stopped, failed, skipped.</summary>
    public string? Result { get; init; }

    /// <summary>From the request's head to the answer's end.</summary>
    public TimeSpan Wall { get; init; }

    /// <summary>What the program took; all zero where none ran.</summary>
    public RunFigures Figures { get; init; }

    /// <summary>Processor time of the program.</summary>
    public TimeSpan Cpu => Figures.Cpu;

    /// <summary>Time to make the instance.</summary>
    public TimeSpan Instantiation => Figures.Instantiation;

    /// <summary>Time to map the code, when this invocation found it cold; else null.</summary>
    public TimeSpan? Wake => Figures.Wake;

    /// <summary>The most linear memory it had.</summary>
    public long MemoryBytes => Figures.MemoryBytes;

    /// <summary>What was denied, each thing once, the first few, each with the line that would allow it.</summary>
    public IReadOnlyList<Denial> Denied => Figures.Denied ?? [];

    /// <summary>How often something was denied.</summary>
    public long DeniedCount => Figures.DeniedCount;

    /// <summary>The limit that ended it, by its key in <c>[component.NAME.limits]</c>, or null.</summary>
    public string? Limit { get; init; }

    /// <summary>Why it failed, with the backtrace of a trap; or null.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the program, or the host in its place, failed: an answer from 500 up, or a run of cron that is not <c>ok</c>.</summary>
    public bool IsFailed => Trigger == InvocationOrigin.Cron ? Result != CronOutcome.Ok : Status >= 500 || Failure is not null;
}
