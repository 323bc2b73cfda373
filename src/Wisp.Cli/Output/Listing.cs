namespace Wisp.Cli.Output;

/// <summary>Rows under headings, for people and for <c>awk</c>.</summary>
/// <param name="Headings">A heading for each column.</param>
/// <param name="Rows">A text for each column.</param>
internal sealed record Listing(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const int Gap = 2;

    /// <summary>What is said instead when there are no rows.</summary>
    public string? WhenEmpty { get; init; }

    /// <summary>A listing of names and values, without headings.</summary>
    public static Listing OfPairs(IEnumerable<(string Name, string Value)> pairs) =>
        new([], [.. pairs.Select(pair => (IReadOnlyList<string>)[pair.Name, pair.Value])]);

    /// <summary>Writes columns with spaces between them; names from elsewhere cannot move the cursor.</summary>
    public void WritePlain(TextWriter output)
    {
        List<string[]> lines = [.. Rows.Select(row => row.Select(TerminalText.Printable).ToArray())];
        if (Headings.Count > 0 && lines.Count > 0)
        {
            lines.Insert(0, [.. Headings.Select(heading => heading.ToUpperInvariant())]);
        }

        int columns = lines.Count == 0 ? 0 : lines.Max(line => line.Length);
        int[] widths = [.. Enumerable.Range(0, columns).Select(column => lines.Max(line => column < line.Length ? line[column].Length : 0))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Concat(line.Select((text, column) => text.PadRight(widths[column] + Gap))).TrimEnd());
        }
    }
}
