using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json;

namespace Wisp.Bench.Charts;

/// <summary>Draws a table of a JSON file as SVG: a bar for each program, everything in times of Wasmtime.</summary>
/// <remarks>
/// Bars are Wisp, sorted; a dot on the same column is V8. The line at 1 is Wasmtime and the dashed one the geometric mean of the bars.
/// Colors are chosen for both backgrounds; text follows the reader's preference.
/// </remarks>
internal static class RatioChart
{
    private const double Left = 46;
    private const double Top = 34;
    private const double PlotHeight = 240;
    private const double Step = 19;
    private const double BarWidth = 12;
    private const double LabelLetter = 6.2;
    private const double LeastWidth = 560;
    private const double MaxRatio = 1.6;   // what is slower is cut here, and says its number

    public static string Draw(JsonElement report, string table, string peer, string other)
    {
        Bar[] bars = Bars(report, table, peer, other).OrderBy(bar => bar.Ratio).ToArray();
        if (bars.Length == 0)
        {
            throw new InvalidOperationException($"no rows of \"{table}\" with a ratio to {peer}");
        }

        double mean = Math.Exp(bars.Average(bar => Math.Log(bar.Ratio)));
        double width = Math.Max(LeastWidth, Left + (bars.Length * Step) + 24);
        double height = Top + PlotHeight + 14 + (bars.Max(bar => Label(bar).Length) * LabelLetter);
        var svg = new StringBuilder();
        svg.Append(Invariant($"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width:0}" height="{height:0}" viewBox="0 0 {width:0} {height:0}" role="img">
            <title>{SecurityElement.Escape(table)}: CPU time of Wisp by that of {SecurityElement.Escape(peer)}; geometric mean {mean:0.00}</title>
            <style>
              text {"{"} font: 11px system-ui, sans-serif; fill: #1f2328 {"}"}
              .grid {"{"} stroke: #8b949e; stroke-opacity: .3 {"}"}
              .one {"{"} stroke: #8b949e; stroke-width: 1.5 {"}"}
              .mean {"{"} stroke: #d29922; stroke-width: 1.5; stroke-dasharray: 5 4 {"}"}
              .win {"{"} fill: #2da44e {"}"}
              .lose {"{"} fill: #cf5b4f {"}"}
              .other {"{"} fill: none; stroke: #8250df; stroke-width: 1.6 {"}"}
              @media (prefers-color-scheme: dark) {"{"} text {"{"} fill: #e6edf3 {"}"} .other {"{"} stroke: #b68bff {"}"} {"}"}
            </style>

            """));
        AppendGrid(svg, width, mean);
        for (int i = 0; i < bars.Length; i++)
        {
            AppendBar(svg, bars[i], Left + (i * Step) + (Step / 2));
        }

        AppendLegend(svg, width, peer, mean, bars.Any(bar => bar.Other is not null) ? other : null);
        return svg.Append("</svg>\n").ToString();
    }

    private static IEnumerable<Bar> Bars(JsonElement report, string table, string peer, string other)
    {
        foreach (JsonElement row in report.GetProperty("rows").EnumerateArray())
        {
            JsonElement peers = row.GetProperty("peers");
            if (row.GetProperty("table").GetString() == table
                && peers.TryGetProperty(peer, out JsonElement first) && first.TryGetProperty("ratio", out JsonElement ratio))
            {
                double? otherRatio = peers.TryGetProperty(other, out JsonElement second) && second.TryGetProperty("least", out JsonElement time)
                    ? time.GetDouble() / first.GetProperty("least").GetDouble()
                    : null;
                yield return new Bar(row.GetProperty("name").GetString()!, ratio.GetDouble(), otherRatio);
            }
        }
    }

    private static void AppendGrid(StringBuilder svg, double width, double mean)
    {
        for (double ratio = 0; ratio <= MaxRatio + 0.01; ratio += 0.2)
        {
            bool isOne = Math.Abs(ratio - 1) < 0.01;
            svg.Append(Invariant($"""
                <line class="{(isOne ? "one" : "grid")}" x1="{Left}" x2="{width - 12:0.#}" y1="{Y(ratio):0.#}" y2="{Y(ratio):0.#}"/>
                <text x="{Left - 6}" y="{Y(ratio) + 4:0.#}" text-anchor="end">{ratio:0.0}</text>

                """));
        }

        svg.Append(Invariant($"""
            <line class="mean" x1="{Left}" x2="{width - 12:0.#}" y1="{Y(mean):0.#}" y2="{Y(mean):0.#}"/>

            """));
    }

    private static void AppendBar(StringBuilder svg, Bar bar, double middle)
    {
        double top = Y(bar.Ratio);
        string name = SecurityElement.Escape(Label(bar));
        double labelTop = Top + PlotHeight + 8;
        svg.Append(Invariant($"""
            <rect class="{(bar.Ratio <= 1 ? "win" : "lose")}" x="{middle - (BarWidth / 2):0.#}" y="{top:0.#}" width="{BarWidth}" height="{Y(0) - top:0.#}"><title>{name}: {bar.Ratio:0.00}</title></rect>
            <text x="{middle + 4:0.#}" y="{labelTop}" text-anchor="end" transform="rotate(-90 {middle + 4:0.#} {labelTop})">{name}</text>

            """));
        if (bar.Ratio > MaxRatio)
        {
            svg.Append(Invariant($"""<text x="{middle:0.#}" y="{top - 4:0.#}" text-anchor="middle">{bar.Ratio:0.0}</text>""")).Append('\n');
        }

        if (bar.Other is { } other)
        {
            svg.Append(Invariant($"""<circle class="other" cx="{middle:0.#}" cy="{Y(other):0.#}" r="3.5"><title>{name}: V8 {other:0.00}</title></circle>""")).Append('\n');
        }
    }

    private static void AppendLegend(StringBuilder svg, double width, string peer, double mean, string? other)
    {
        svg.Append(Invariant($"""
            <text x="{Left}" y="16">CPU time, {SecurityElement.Escape(peer)} = 1; lower is faster</text>
            <rect class="win" x="{width - 282:0.#}" y="7" width="10" height="10"/><rect class="lose" x="{width - 270:0.#}" y="7" width="10" height="10"/>
            <text x="{width - 256:0.#}" y="16">wisp</text>
            <line class="mean" x1="{width - 218:0.#}" x2="{width - 192:0.#}" y1="12" y2="12"/>
            <text x="{width - 186:0.#}" y="16">geometric mean {mean:0.00}</text>

            """));
        if (other is not null)
        {
            svg.Append(Invariant($"""
                <circle class="other" cx="{width - 52:0.#}" cy="12" r="3.5"/><text x="{width - 42:0.#}" y="16">{SecurityElement.Escape(other)}</text>

                """));
        }
    }

    private static string Label(Bar bar) => bar.Name.Replace("shootout-", "", StringComparison.Ordinal);

    private static double Y(double ratio) => Top + (PlotHeight * (1 - (Math.Min(ratio, MaxRatio) / MaxRatio)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Bar(string Name, double Ratio, double? Other);
}
