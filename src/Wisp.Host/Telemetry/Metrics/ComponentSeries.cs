namespace Wisp.Host.Telemetry.Metrics;

/// <summary>What is counted of a component in one version of its app. Guarded by itself.</summary>
internal sealed class ComponentSeries
{
    public Lock Lock { get; } = new();

    /// <summary>Invocations by <see cref="StatusClass"/>.</summary>
    public long[] Invocations { get; } = new long[StatusClass.Count];

    /// <summary>How often a limit ended one, by the limit's key. The keys are ours, so there are few.</summary>
    public Dictionary<string, long> Limits { get; } = [];

    public HistogramSeries Duration { get; } = new(HistogramSeries.Durations);

    public HistogramSeries Instantiation { get; } = new(HistogramSeries.ShortDurations);

    public HistogramSeries Wake { get; } = new(HistogramSeries.ShortDurations);

    public HistogramSeries Memory { get; } = new(HistogramSeries.Memory);

    public double CpuSeconds { get; private set; }

    public long Denied { get; private set; }

    /// <summary>When it was last added to, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastUse { get; private set; }

    public void Add(InvocationRecord record, long now)
    {
        lock (Lock)
        {
            LastUse = now;
            Invocations[StatusClass.IndexOf(record)]++;
            Duration.Add(record.Wall.TotalSeconds);
            CpuSeconds += record.Cpu.TotalSeconds;
            Denied += record.DeniedCount;
            if (record.Instantiation > TimeSpan.Zero)
            {
                Instantiation.Add(record.Instantiation.TotalSeconds);
                Memory.Add(record.MemoryBytes);
            }

            if (record.Wake is TimeSpan wake)
            {
                Wake.Add(wake.TotalSeconds);
            }

            if (record.Limit is string limit)
            {
                Limits[limit] = Limits.GetValueOrDefault(limit) + 1;
            }
        }
    }
}
