using System.Globalization;
using System.Text.Json;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Gate;

// Reads what bench/gate leaves: {base,head}-PART-PAIR.json, each the JSON report of one process.

/// <summary>Compares two commits by the turns that they ran, and says whether the second is slower past noise.</summary>
internal static class TurnComparison
{
    /// <summary>Prints the table; false when a row or the mean regressed.</summary>
    /// <param name="folder">The turns.</param>
    /// <param name="rowLimit">A row fails above this ratio, when the turns agree.</param>
    /// <param name="meanLimit">The geometric mean fails above this ratio, when the turns agree.</param>
    public static bool Run(string folder, double rowLimit, double meanLimit)
    {
        Dictionary<string, SortedDictionary<int, double>> before = Read(folder, "base");
        Dictionary<string, SortedDictionary<int, double>> after = Read(folder, "head");
        var pairs = new Dictionary<int, List<double>>();
        var ratios = new List<double>();
        bool isGood = true;
        Console.WriteLine($"\n{"head / base",-34}{"base",13}{"head",13}{"ratio",8}   middle half of the pairs");
        foreach ((string name, SortedDictionary<int, double> old) in before.OrderBy(row => row.Key, StringComparer.Ordinal))
        {
            if (!after.TryGetValue(name, out SortedDictionary<int, double>? young))
            {
                Console.WriteLine($"{name,-34}   gone: it ran in the base");
                isGood = false;
                continue;
            }

            double ratio = young.Values.Min() / old.Values.Min();
            double[] single = old.Keys.Where(young.ContainsKey).Select(pair => young[pair] / old[pair]).ToArray();
            foreach (int pair in old.Keys.Where(young.ContainsKey))
            {
                pairs.TryAdd(pair, []);
                pairs[pair].Add(Math.Log(young[pair] / old[pair]));
            }

            ratios.Add(ratio);
            isGood &= Print(name, Quantity.Nanoseconds.Text(old.Values.Min()), Quantity.Nanoseconds.Text(young.Values.Min()), ratio, single, rowLimit);
        }

        double[] means = pairs.Values.Select(logs => Math.Exp(logs.Average())).ToArray();
        double mean = Math.Exp(ratios.Average(Math.Log));
        isGood &= Print($"geometric mean of {ratios.Count}", "", "", mean, means, meanLimit);
        Console.WriteLine(isGood ? "gate: no regression past noise" : "gate: REGRESSION");
        return isGood;
    }

    // Both the least times and the pairs must say so: one slow turn, or one lucky one of the base, is noise.
    private static bool Print(string name, string before, string after, double ratio, double[] single, double limit)
    {
        (double low, double high) = Quantiles.MiddleHalf(single);
        bool isSlower = ratio > limit && low > 1 + ((limit - 1) / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-34}{before,13}{after,13}{ratio,8:0.000}   [{low:0.000}, {high:0.000}]{(isSlower ? "   SLOWER" : "")}"));
        return !isSlower;
    }

    private static Dictionary<string, SortedDictionary<int, double>> Read(string folder, string side)
    {
        var rows = new Dictionary<string, SortedDictionary<int, double>>();
        foreach (string file in Directory.EnumerateFiles(folder, side + "-*-*.json"))
        {
            int pair = int.Parse(Path.GetFileNameWithoutExtension(file).Split('-')[2], CultureInfo.InvariantCulture);
            using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement row in report.RootElement.GetProperty("rows").EnumerateArray())
            {
                if (!row.TryGetProperty("leftOut", out _) && row.GetProperty("wisp").TryGetProperty("least", out JsonElement least))
                {
                    string name = row.GetProperty("name").GetString()!;
                    rows.TryAdd(name, []);
                    rows[name][pair] = least.GetDouble();
                }
            }
        }

        return rows.Count > 0 ? rows : throw new InvalidOperationException($"no rows of {side} in {folder}");
    }
}
