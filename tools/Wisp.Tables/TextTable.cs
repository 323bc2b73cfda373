using System.Globalization;

namespace Wisp.Tables;

/// <summary>What the text tables have in common: comments, sections in brackets, columns two or more spaces apart.</summary>
internal static class TextTable
{
    /// <summary>The rows of a table, each with the section that it stands in.</summary>
    /// <param name="lines">The table's lines.</param>
    /// <param name="columns">How many columns each row must have.</param>
    public static IEnumerable<(string Section, string[] Cells)> Rows(string[] lines, int columns)
    {
        string section = "";
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                section = line.Trim('[', ']');
                continue;
            }

            string[] cells = line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (cells.Length != columns)
            {
                throw new FormatException($"line {i + 1}: {cells.Length} columns, not {columns}: {line}");
            }

            yield return (section, cells);
        }
    }

    /// <summary>The words of a name, each with a capital: <c>i32.trunc_sat_f32_s</c> is <c>I32TruncSatF32S</c>.</summary>
    /// <param name="text">Words separated by dots, underscores or spaces.</param>
    public static string Pascal(string text) => string.Concat(
        text.Split(['.', '_', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>A hexadecimal number with its 0x, or a decimal one.</summary>
    /// <param name="text">The digits.</param>
    public static int Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? int.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : int.Parse(text, CultureInfo.InvariantCulture);
}
