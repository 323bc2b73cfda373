namespace Wisp.Host.Logs;

/// <summary>How much of what apps write is kept, each app by itself.</summary>
internal sealed record LogOptions
{
    /// <summary>Bytes on the disk. Past it the oldest lines go.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>How long a line is kept.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Bytes of a segment: what goes goes by whole segments.</summary>
    public long SegmentBytes { get; init; } = 4 << 20;

    /// <summary>Bytes that wait to be written. Past it lines are dropped, and counted.</summary>
    public long MaxPendingBytes { get; init; } = 512 * 1024;

    /// <summary>The same for all apps together.</summary>
    public long MaxTotalPendingBytes { get; init; } = 32 << 20;

    /// <summary>Requests that come out well and are lines, in each second. The others are counted.</summary>
    public int RequestsPerSecond { get; init; } = 20;

    /// <summary>Bytes that an app may write in a second, in the long run. More are dropped, and counted.</summary>
    public long BytesPerSecond { get; init; } = 1 << 20;

    /// <summary>Bytes that an app which was quiet may write at once.</summary>
    public long BurstBytes { get; init; } = 8 << 20;
}
