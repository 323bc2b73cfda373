namespace Wisp.Bench.Measuring;

/// <summary>A row: the same work on every side.</summary>
/// <param name="Table">Which table it belongs to.</param>
/// <param name="Name">What was run.</param>
/// <param name="Cells">Ours, then one for each peer of the table.</param>
internal sealed record Row(string Table, string Name, IReadOnlyList<Cell> Cells)
{
    /// <summary>A row of two values.</summary>
    public Row(string table, string name, double wisp, double peer)
        : this(table, name, [Cell.Of(wisp), Cell.Of(peer)])
    {
    }

    /// <summary>Why its ratios say nothing, although there are values; null for the usual row. Such rows are in no mean.</summary>
    public string? LeftOut { get; init; }

    /// <summary>What a reader should know about the row.</summary>
    public string? Note { get; init; }

    public Cell Wisp => Cells[0];

    /// <summary>Ours by the peer's, below 1 when we take less; null when one of them has no value.</summary>
    public double? Ratio(int peer) =>
        LeftOut is null && Wisp.HasValue && Cells[peer].HasValue ? Wisp.Value / Cells[peer].Value : null;

    /// <summary>The middle half of the ratios of single rounds: how far the machine moved them.</summary>
    public (double Low, double High)? Spread(int peer)
    {
        if (peer >= Cells.Count)
        {
            return null;
        }

        int rounds = Math.Min(Wisp.Rounds.Count, Cells[peer].Rounds.Count);
        if (rounds < 2 || Ratio(peer) is null)
        {
            return null;
        }

        return Quantiles.MiddleHalf(Enumerable.Range(0, rounds).Select(i => Wisp.Rounds[i] / Cells[peer].Rounds[i]));
    }
}
