namespace Wisp.Host.Telemetry.Metrics;

/// <summary>Counts values by their size. Not thread safe.</summary>
/// <param name="bounds">The upper bounds of the buckets, growing; one more has what is larger.</param>
internal sealed class HistogramSeries(double[] bounds)
{
    /// <summary>Seconds from 100 µs to 30 s.</summary>
    public static readonly double[] Durations = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

    /// <summary>Seconds from 1 µs to 1 s: making an instance, waking a program.</summary>
    public static readonly double[] ShortDurations = [0.000001, 0.000005, 0.00001, 0.000025, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1];

    /// <summary>Bytes from one page to 4 GiB.</summary>
    public static readonly double[] Memory = [65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824, 4294967296];

    private readonly long[] _counts = new long[bounds.Length + 1];

    public double[] Bounds => bounds;

    public double Sum { get; private set; }

    public long Count { get; private set; }

    public void Add(double value)
    {
        int bucket = Array.BinarySearch(bounds, value);
        _counts[bucket < 0 ? ~bucket : bucket]++;   // a bound is the most that its bucket has
        Sum += value;
        Count++;
    }

    /// <summary>Values in a bucket; the last one has what is larger than all bounds.</summary>
    public long CountAt(int bucket) => _counts[bucket];
}
