namespace Wisp.Host.Telemetry.Live;

// Two rings over the last minute: counts by the second, durations by five seconds. A slot belongs to the second that stands in it;
// one that is older counts as empty, so nobody needs to clear the ring as time passes. About 6 KiB, whatever comes.

/// <summary>What one version of an app did in the last minute. Thread safe.</summary>
internal sealed class LiveCounter
{
    public const int Seconds = 60;

    private const int SecondsInSlot = 5;
    private const int Slots = Seconds / SecondsInSlot;

    private readonly Lock _lock = new();
    private readonly Second[] _seconds = new Second[Seconds];
    private readonly long[] _slotTimes = new long[Slots];
    private readonly int[] _durations = new int[Slots * DurationBuckets.Count];

    /// <summary>Counts an invocation.</summary>
    /// <param name="record">The invocation.</param>
    /// <param name="now">Seconds of a clock that only goes forward, from 1.</param>
    public void Add(InvocationRecord record, long now)
    {
        lock (_lock)
        {
            ref Second second = ref _seconds[now % Seconds];
            second = second.Time == now ? second : new Second { Time = now };
            second.Invocations++;
            second.Failures += record.IsFailed ? 1 : 0;
            second.ColdStarts += record.Wake is null ? 0 : 1;
            second.Denied += record.DeniedCount;
            long slot = now / SecondsInSlot;
            int index = (int)(slot % Slots);
            Span<int> durations = _durations.AsSpan(index * DurationBuckets.Count, DurationBuckets.Count);
            if (_slotTimes[index] != slot)
            {
                _slotTimes[index] = slot;
                durations.Clear();
            }

            durations[DurationBuckets.IndexOf(record.Wall)]++;
        }
    }

    /// <summary>Adds the last minute to a sum.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool AddTo(LiveSum sum, long now)
    {
        lock (_lock)
        {
            long invocations = sum.Invocations;
            foreach (Second second in _seconds)
            {
                if (second.Time > now - Seconds)
                {
                    sum.Invocations += second.Invocations;
                    sum.Failures += second.Failures;
                    sum.ColdStarts += second.ColdStarts;
                    sum.Denied += second.Denied;

                    // The present second is not over yet.
                    sum.RecentInvocations += second.Time < now && second.Time >= now - LiveSum.RecentSeconds ? second.Invocations : 0;
                }
            }

            for (int i = 0; i < Slots; i++)
            {
                if (_slotTimes[i] > (now / SecondsInSlot) - Slots)
                {
                    sum.AddDurations(_durations.AsSpan(i * DurationBuckets.Count, DurationBuckets.Count));
                }
            }

            return sum.Invocations > invocations;
        }
    }

    private struct Second
    {
        public long Time;
        public long Invocations;
        public long Failures;
        public long ColdStarts;
        public long Denied;
    }
}
