namespace Wisp.Host.Telemetry;

/// <summary>What is kept of one invocation.</summary>
internal sealed record InvocationRecord
{
    /// <summary>Counts invocations of the process from 1; lines that the program wrote carry it too.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>The app, or null for a program that is served by itself.</summary>
    public string? App { get; init; }

    /// <summary>Number of the app's version, or 0 where there are no versions.</summary>
    public int Version { get; init; }

    public string? Component { get; init; }

    /// <summary><c>http</c> or <c>cron</c>.</summary>
    public required string Trigger { get; init; }

    /// <summary>The route or the schedule.</summary>
    public string? Route { get; init; }

    /// <summary>Method of a request.</summary>
    public string? Method { get; init; }

    /// <summary>Path and query as the client sent them.</summary>
    public string? Target { get; init; }

    /// <summary>Status of the answer; 499 when there was nobody left to answer; 0 for cron.</summary>
    public int Status { get; init; }

    /// <summary>For cron: ok, exit 3, trap, limit.</summary>
    public string? Result { get; init; }

    /// <summary>From the request's head to the answer's end.</summary>
    public TimeSpan Wall { get; init; }

    /// <summary>Processor time of the program.</summary>
    public TimeSpan Cpu { get; init; }

    /// <summary>Time to make the instance.</summary>
    public TimeSpan Instantiation { get; init; }

    /// <summary>Time to map the code, when this invocation found it cold; else null.</summary>
    public TimeSpan? Wake { get; init; }

    /// <summary>The most linear memory it had.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The limit that ended it, by its key in <c>[component.NAME.limits]</c>, or null.</summary>
    public string? Limit { get; init; }

    /// <summary>Why it failed, with the backtrace of a trap; or null.</summary>
    public string? Failure { get; init; }

    /// <summary>What was denied, each with the line that would allow it.</summary>
    public IReadOnlyList<string> Denied { get; init; } = [];
}
