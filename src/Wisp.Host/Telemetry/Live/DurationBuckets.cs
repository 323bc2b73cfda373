using System.Numerics;

namespace Wisp.Host.Telemetry.Live;

// Four buckets an octave of nanoseconds, from 2^15 (33 µs) to 2^37 (137 s): an estimate is at most a quarter too large.
//
//   nanoseconds   1 b b x x x …   the octave is that of the highest bit, the bucket in it the two bits bb below

/// <summary>Counts durations by their size, so that percentiles can be told without keeping each.</summary>
internal static class DurationBuckets
{
    private const int FirstOctave = 15;
    private const int LastOctave = 36;

    /// <summary>How many buckets there are; the first has all that is shorter, the last all that is longer.</summary>
    public const int Count = ((LastOctave - FirstOctave + 1) * 4) + 1;

    public static int IndexOf(TimeSpan duration)
    {
        ulong nanoseconds = (ulong)Math.Max(0, duration.Ticks) * 100;
        if (nanoseconds < 1UL << FirstOctave)
        {
            return 0;
        }

        int octave = BitOperations.Log2(nanoseconds);
        int quarter = (int)(nanoseconds >> (octave - 2)) & 3;
        return octave > LastOctave ? Count - 1 : ((octave - FirstOctave) * 4) + quarter + 1;
    }

    /// <summary>The duration that the part <paramref name="quantile"/> of all is at most as long as, rounded up to the end of its bucket.</summary>
    /// <returns>Milliseconds, or null when nothing was counted.</returns>
    public static double? Quantile(ReadOnlySpan<int> buckets, double quantile)
    {
        long total = 0;
        foreach (int count in buckets)
        {
            total += count;
        }

        long wanted = Math.Max(1, (long)Math.Ceiling(total * quantile));
        for (int i = 0; i < buckets.Length; i++)
        {
            wanted -= buckets[i];
            if (wanted <= 0)
            {
                return EndOf(i) / 1e6;
            }
        }

        return null;
    }

    private static double EndOf(int index) => Math.ScaleB(1 + (index % 4 / 4.0), FirstOctave + (index / 4));
}
