using Wisp.Host.Telemetry.Messages;

namespace Wisp.Host.Telemetry.Live;

/// <summary>Figures of the last minute, of one version or of several together.</summary>
internal sealed class LiveSum
{
    /// <summary>Seconds over which the rate is taken: it should show what happens now.</summary>
    public const int RecentSeconds = 5;

    private readonly int[] _durations = new int[DurationBuckets.Count];

    public long Invocations { get; set; }

    public long RecentInvocations { get; set; }

    public long Failures { get; set; }

    public long ColdStarts { get; set; }

    public long Denied { get; set; }

    public void AddDurations(ReadOnlySpan<int> durations)
    {
        for (int i = 0; i < durations.Length; i++)
        {
            _durations[i] += durations[i];
        }
    }

    public LiveFiguresMessage ToMessage() => new()
    {
        RequestsPerSecond = (double)RecentInvocations / RecentSeconds,
        Requests = Invocations,
        P50Ms = DurationBuckets.Quantile(_durations, 0.50),
        P90Ms = DurationBuckets.Quantile(_durations, 0.90),
        P99Ms = DurationBuckets.Quantile(_durations, 0.99),
        Errors = Failures,
        ColdStarts = ColdStarts,
        Denied = Denied,
    };
}
