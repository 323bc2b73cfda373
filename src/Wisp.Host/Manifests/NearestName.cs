namespace Wisp.Host.Manifests;

/// <summary>Finds the name that a misspelled one was meant to be.</summary>
internal static class NearestName
{
    private const int MaxLength = 64;

    /// <summary>The nearest of some names, or null when none is near.</summary>
    public static string? Of(string name, IEnumerable<string> names)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return null;
        }

        string? nearest = null;
        int least = Math.Max(2, name.Length / 3) + 1;
        foreach (string candidate in names.Where(candidate => candidate.Length <= MaxLength))
        {
            int distance = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < least && distance < Math.Max(name.Length, candidate.Length))
            {
                least = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Insertions, deletions and replacements that make one of the other; two that change places count once.</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
