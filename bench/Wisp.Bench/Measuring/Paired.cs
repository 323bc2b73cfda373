namespace Wisp.Bench.Measuring;

/// <summary>Times two sides in turns, A B B A, and keeps the least of each: what the machine did to one it did to the other.</summary>
internal static class Paired
{
    /// <summary>Least nanoseconds of each side over the rounds; each side reports its own time.</summary>
    public static (long First, long Second) Minimum(int rounds, Func<long> first, Func<long> second)
    {
        long bestFirst = long.MaxValue;
        long bestSecond = long.MaxValue;
        for (int round = 0; round < rounds; round++)
        {
            if (round % 2 == 0)
            {
                bestFirst = Math.Min(bestFirst, first());
                bestSecond = Math.Min(bestSecond, second());
            }
            else
            {
                bestSecond = Math.Min(bestSecond, second());
                bestFirst = Math.Min(bestFirst, first());
            }
        }

        return (bestFirst, bestSecond);
    }

    /// <summary>CPU time of this thread that an action takes.</summary>
    public static long Thread(Action action)
    {
        long start = CpuClock.ThreadNanoseconds;
        action();
        return CpuClock.ThreadNanoseconds - start;
    }
}
