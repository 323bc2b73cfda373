namespace Wisp.Host.Deployments;

/// <summary>Splits an app's traffic.</summary>
internal static class TrafficPlan
{
    public const int Whole = 100;

    /// <summary>Gives a new version its part and leaves the rest to the others in their proportion.</summary>
    /// <param name="present">How it is now.</param>
    /// <param name="version">The new version.</param>
    /// <param name="canary">Its percent; null for all.</param>
    public static IReadOnlyList<TrafficShare> WithCanary(IReadOnlyList<TrafficShare> present, int version, int? canary)
    {
        if (canary is not int percent || percent >= Whole || present.Count == 0)
        {
            return [new TrafficShare(version, Whole)];
        }

        // Rounded down; what is left over goes to the largest one, which has at least its share of the rest.
        int rest = Whole - percent;
        var shares = present.Select(share => share with { Weight = share.Weight * rest / Whole }).ToList();
        int largest = shares.FindIndex(share => share.Weight == shares.Max(other => other.Weight));
        shares[largest] = shares[largest] with { Weight = shares[largest].Weight + rest - shares.Sum(share => share.Weight) };
        shares.RemoveAll(share => share.Weight == 0);
        shares.Add(new TrafficShare(version, percent));
        return shares;
    }

    /// <summary>Why shares are none, or null.</summary>
    public static string? FaultOf(IReadOnlyList<TrafficShare> shares)
    {
        if (shares.Count == 0 || shares.Any(share => share.Weight is < 0 or > Whole) || shares.Sum(share => (long)share.Weight) != Whole)
        {
            return $"weights are from 0 to {Whole} and add up to {Whole}";
        }

        return shares.Select(share => share.Version).Distinct().Count() == shares.Count ? null : "a version stands twice";
    }

    /// <summary>The version that a rollback without a number means.</summary>
    /// <param name="history">How traffic was, the newest first, as it is now in front.</param>
    /// <param name="isThere">Whether a version is still there.</param>
    /// <returns>Where several versions answer, the one that did alone before; else the last other one that had most of it; or null.</returns>
    public static int? Before(IReadOnlyList<IReadOnlyList<TrafficShare>> history, Func<int, bool> isThere)
    {
        if (history.Count == 0)
        {
            return null;
        }

        IReadOnlyList<TrafficShare> present = history[0];
        IEnumerable<IReadOnlyList<TrafficShare>> earlier = history.Skip(1);
        IEnumerable<int> candidates = present.Count > 1
            ? earlier.Where(shares => shares.Count == 1).Select(shares => shares[0].Version)
            : earlier.Select(shares => shares.MaxBy(share => share.Weight).Version).Where(version => version != present[0].Version);
        return candidates.Where(isThere).Select(version => (int?)version).FirstOrDefault();
    }
}
