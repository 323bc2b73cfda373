using System.Diagnostics;

namespace Wisp.Bench.Measuring;

/// <summary>Times sides in turns, A B B A, and keeps every round: what the machine did to one it did to the other.</summary>
internal static class Paired
{
    private const int LeastRounds = 2;   // one in each order

    /// <summary>Least nanoseconds of each side over the rounds; each side reports its own time.</summary>
    public static (long First, long Second) Minimum(int rounds, Func<long> first, Func<long> second)
    {
        double[][] times = Rounds(new Budget(rounds, null), first, second);
        return ((long)times[0].Min(), (long)times[1].Min());
    }

    /// <summary>Nanoseconds of each side in each round, until the rounds are done or the time is up.</summary>
    /// <returns>One array for each side, all of one length.</returns>
    public static double[][] Rounds(Budget budget, params IReadOnlyList<Func<long>> sides)
    {
        var times = new List<double>[sides.Count];
        for (int side = 0; side < times.Length; side++)
        {
            times[side] = [];
        }

        var watch = Stopwatch.StartNew();
        for (int round = 0; round < budget.Rounds; round++)
        {
            if (round >= LeastRounds && budget.Seconds is { } seconds && watch.Elapsed.TotalSeconds > seconds)
            {
                break;
            }

            for (int i = 0; i < sides.Count; i++)
            {
                int side = round % 2 == 0 ? i : sides.Count - 1 - i;
                times[side].Add(sides[side]());
            }
        }

        return Array.ConvertAll(times, list => list.ToArray());
    }

    /// <summary>CPU time of this thread that an action takes.</summary>
    public static long Thread(Action action)
    {
        long start = CpuClock.ThreadNanoseconds;
        action();
        return CpuClock.ThreadNanoseconds - start;
    }
}
