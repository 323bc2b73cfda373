namespace Wisp.Host.Telemetry.Messages;

/// <summary>What the server does now.</summary>
/// <param name="Time">When.</param>
/// <param name="Total">All apps together, and requests that reach none.</param>
/// <param name="Apps">Those that did anything in the last minute, by name.</param>
internal sealed record LiveMessage(DateTimeOffset Time, LiveFiguresMessage Total, IReadOnlyList<LiveAppMessage> Apps);

/// <summary>One app: its figures, and those of its versions.</summary>
internal sealed record LiveAppMessage(string App, LiveFiguresMessage Figures, IReadOnlyList<LiveVersionMessage> Versions)
    : LiveFiguresMessage(Figures)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public LiveFiguresMessage Figures { get; } = Figures;
}

/// <summary>One version.</summary>
internal sealed record LiveVersionMessage(int Version, LiveFiguresMessage Figures) : LiveFiguresMessage(Figures)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public LiveFiguresMessage Figures { get; } = Figures;
}

/// <summary>Figures of the last minute, cron's runs among them.</summary>
internal record LiveFiguresMessage
{
    public LiveFiguresMessage()
    {
    }

    /// <summary>Over the last five whole seconds.</summary>
    public double RequestsPerSecond { get; init; }

    public long Requests { get; init; }

    /// <summary>Half of them took at most so long; null when there were none. At most a quarter too large.</summary>
    public double? P50Ms { get; init; }

    public double? P90Ms { get; init; }

    public double? P99Ms { get; init; }

    /// <summary>Those that failed: answers from 500 up, traps, runs of cron that are not <c>ok</c>.</summary>
    public long Errors { get; init; }

    public long ColdStarts { get; init; }

    /// <summary>How often something was denied.</summary>
    public long Denied { get; init; }
}
