namespace Wisp.Host.Telemetry.Messages;

/// <summary>An invocation in an answer of the API.</summary>
internal sealed record InvocationMessage
{
    public required long Number { get; init; }

    public required DateTimeOffset Started { get; init; }

    public int Version { get; init; }

    public string? Component { get; init; }

    /// <summary><c>http</c> or <c>cron</c>.</summary>
    public required string Trigger { get; init; }

    public string? Route { get; init; }

    public string? Method { get; init; }

    public string? Target { get; init; }

    /// <summary>Of a request.</summary>
    public int? Status { get; init; }

    /// <summary>Of a run of cron.</summary>
    public string? Result { get; init; }

    public bool Failed { get; init; }

    public double WallMs { get; init; }

    public double CpuMs { get; init; }

    public double InstantiateMs { get; init; }

    /// <summary>Only where it found its code cold.</summary>
    public double? WakeMs { get; init; }

    public long MemoryBytes { get; init; }

    public string? Limit { get; init; }

    /// <summary>Why it failed, with the backtrace of a trap.</summary>
    public string? Failure { get; init; }

    public long DeniedCount { get; init; }

    public required IReadOnlyList<DenialMessage> Denied { get; init; }

    public static InvocationMessage Of(InvocationRecord record) => new()
    {
        Number = record.Number,
        Started = record.Started,
        Version = record.Version,
        Component = record.Component,
        Trigger = record.Trigger,
        Route = record.Route,
        Method = record.Method,
        Target = record.Target,
        Status = record.Method is null ? null : record.Status,
        Result = record.Result,
        Failed = record.IsFailed,
        WallMs = record.Wall.TotalMilliseconds,
        CpuMs = record.Cpu.TotalMilliseconds,
        InstantiateMs = record.Instantiation.TotalMilliseconds,
        WakeMs = record.Wake?.TotalMilliseconds,
        MemoryBytes = record.MemoryBytes,
        Limit = record.Limit,
        Failure = record.Failure,
        DeniedCount = record.DeniedCount,
        Denied = [.. record.Denied.Select(denial => new DenialMessage(
            denial.Action, denial.AskedBy, denial.Granted, denial.ToAllow, denial.ToAllowToml))],
    };
}

/// <summary>Something that a program was denied.</summary>
/// <param name="Action">What it asked for.</param>
/// <param name="AskedBy">Who asked.</param>
/// <param name="Granted">The grant that came nearest, as a flag.</param>
/// <param name="ToAllow">The flag that would allow it; null when nothing can.</param>
/// <param name="ToAllowToml">The same as a line of <c>wisp.toml</c>.</param>
internal sealed record DenialMessage(string Action, string AskedBy, string? Granted, string? ToAllow, string? ToAllowToml);
