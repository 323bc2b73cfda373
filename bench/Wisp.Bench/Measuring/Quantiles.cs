namespace Wisp.Bench.Measuring;

/// <summary>Where the middle of some numbers lies.</summary>
internal static class Quantiles
{
    /// <summary>The first and the third quartile.</summary>
    public static (double Low, double High) MiddleHalf(IEnumerable<double> numbers)
    {
        double[] sorted = numbers.Order().ToArray();
        return (At(sorted, 0.25), At(sorted, 0.75));
    }

    private static double At(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
