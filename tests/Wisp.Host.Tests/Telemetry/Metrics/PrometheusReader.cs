using System.Globalization;
using System.Text.RegularExpressions;

namespace Wisp.Host.Tests.Telemetry.Metrics;

/// <summary>Reads the text format of Prometheus and refuses whatever is not that.</summary>
internal sealed partial class PrometheusReader
{
    private readonly Dictionary<string, string> _types = [];

    private PrometheusReader()
    {
    }

    /// <summary>Values by name and labels as they stand.</summary>
    public Dictionary<string, double> Samples { get; } = [];

    public static PrometheusReader Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var reader = new PrometheusReader();
        string? family = null;
        foreach (string line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                family = help.Groups[1].Value;
                Assert.True(reader._types.TryAdd(family, ""), $"{family} comes twice");
            }
            else if (Type().Match(line) is { Success: true } type)
            {
                Assert.Equal(family, type.Groups[1].Value);
                reader._types[family!] = type.Groups[2].Value;
            }
            else
            {
                reader.ReadSample(line, family!);
            }
        }

        reader.CheckHistograms();
        return reader;
    }

    private void ReadSample(string line, string family)
    {
        Match sample = Sample().Match(line);
        Assert.True(sample.Success, line);
        string name = sample.Groups[1].Value;
        string expected = _types[family] == "histogram" ? $"^{family}_(bucket|sum|count)$" : $"^{family}$";
        Assert.Matches(expected, name);
        string value = sample.Groups[3].Value;
        double number = value == "+Inf" ? double.PositiveInfinity : double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.True(Samples.TryAdd(name + sample.Groups[2].Value, number), $"{line} comes twice");
    }

    /// <summary>Buckets have all that is smaller too, and the last one everything.</summary>
    private void CheckHistograms()
    {
        IEnumerable<IGrouping<string, (double Bound, double Count)>> histograms = Samples
            .Where(pair => Bound().IsMatch(pair.Key))
            .GroupBy(
                pair => Bound().Replace(pair.Key, "").Replace("_bucket", "_count", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal),
                pair => (BoundOf(pair.Key), pair.Value));
        foreach (IGrouping<string, (double Bound, double Count)> histogram in histograms)
        {
            (double Bound, double Count)[] buckets = [.. histogram];
            Assert.Equal(buckets.OrderBy(bucket => bucket.Bound), buckets);
            Assert.Equal(buckets.OrderBy(bucket => bucket.Count).Select(bucket => bucket.Count), buckets.Select(bucket => bucket.Count));
            Assert.Equal((double.PositiveInfinity, Samples[histogram.Key]), buckets[^1]);
            Assert.True(Samples.ContainsKey(histogram.Key.Replace("_count", "_sum", StringComparison.Ordinal)));
        }
    }

    private static double BoundOf(string sample)
    {
        string text = Bound().Match(sample).Groups[1].Value;
        return text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\{[a-zA-Z_][a-zA-Z0-9_]*=""(?:[^""\\\n]|\\[\\""n])*""(?:,[a-zA-Z_][a-zA-Z0-9_]*=""(?:[^""\\\n]|\\[\\""n])*"")*\})?) ([0-9.eE+-]+|\+Inf)$")]
    private static partial Regex Sample();

    [GeneratedRegex(@",?le=""([^""]+)""")]
    private static partial Regex Bound();
}
