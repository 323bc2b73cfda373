using System.Globalization;
using System.Text;

namespace Wisp.Host.Telemetry.Metrics;

// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
//
//   # HELP name text          \ and line ends escaped
//   # TYPE name counter
//   name{label="value"} 17    \, " and line ends escaped in values
//
// All lines of a name stand together, so what is told apart by labels is written name by name, not component by component.

/// <summary>Writes metrics in the text format of Prometheus.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    public void Family(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help, isValue: false)).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>A line with a number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">From <see cref="Labels"/>; empty for none.</param>
    /// <param name="value">The number.</param>
    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(NumberOf(value)).Append('\n');
    }

    /// <summary>The lines of a histogram: how many values are at most so large, their sum, their number.</summary>
    public void Histogram(string name, string labels, HistogramSeries series)
    {
        long count = 0;
        for (int i = 0; i < series.Bounds.Length; i++)
        {
            count += series.CountAt(i);
            Sample(name + "_bucket", Join(labels, $"le=\"{NumberOf(series.Bounds[i])}\""), count);
        }

        Sample(name + "_bucket", Join(labels, "le=\"+Inf\""), series.Count);
        Sample(name + "_sum", labels, series.Sum);
        Sample(name + "_count", labels, series.Count);
    }

    /// <summary>Labels as they stand between the braces.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"").Append(Escape(value, isValue: true)).Append('"');
        }

        return text.ToString();
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

    public static string Join(string labels, string more) => labels.Length == 0 ? more : $"{labels},{more}";

    private static string NumberOf(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool isValue)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isValue ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
