using System.Globalization;

namespace Wisp.Bench.Measuring;

/// <summary>Prints rows and their geometric means, and keeps them for the JSON file.</summary>
/// <param name="peers">The engines beside ours, in the order of the cells. Most tables have the first one alone.</param>
internal sealed class RatioTable(params IReadOnlyList<string> peers)
{
    private const int NameWidth = 34;
    private const int ValueWidth = 13;
    private const int RatioWidth = 11;

    private readonly List<Row> _rows = [];
    private readonly Dictionary<string, (Quantity Unit, IReadOnlyList<string> Peers)> _tables = [];

    public IReadOnlyList<Row> Rows => _rows;

    public Quantity UnitOf(string table) => _tables[table].Unit;

    public IReadOnlyList<string> PeersOf(string table) => _tables[table].Peers;

    public void Begin(string table) => Begin(table, Quantity.Nanoseconds, [peers[0]]);

    public void Begin(string table, Quantity unit, IReadOnlyList<string> peersOfTable)
    {
        _tables[table] = (unit, peersOfTable);
        string line = table.PadRight(NameWidth) + "wisp".PadLeft(ValueWidth);
        line += string.Concat(peersOfTable.Select(peer => peer.PadLeft(ValueWidth)));
        line += string.Concat(peersOfTable.Select(peer => ("/" + peer).PadLeft(RatioWidth)));
        Console.WriteLine("\n" + line + (peersOfTable.Count > 0 ? "   spread /" + peersOfTable[0] : ""));
    }

    public void Add(Row row)
    {
        _rows.Add(row);
        Quantity unit = UnitOf(row.Table);
        string line = row.Name.PadRight(NameWidth);
        line += string.Concat(row.Cells.Select(cell => (cell.HasValue ? unit.Text(cell.Value) : "-").PadLeft(ValueWidth)));
        line += string.Concat(Enumerable.Range(1, row.Cells.Count - 1).Select(peer => Text(row.Ratio(peer)).PadLeft(RatioWidth)));
        if (row.Spread(1) is { } spread)
        {
            line += $"   [{Text(spread.Low)}, {Text(spread.High)}]";
        }

        Console.WriteLine(line);
    }

    /// <summary>Ends a table: its means, then the reasons of everything that is missing from them.</summary>
    public void End(string table)
    {
        Row[] rows = _rows.Where(row => row.Table == table).ToArray();
        IReadOnlyList<string> names = PeersOf(table);
        if (rows.Length > 1 && names.Count > 0)
        {
            string line = "geometric mean".PadRight(NameWidth + (ValueWidth * (names.Count + 1)));
            string counts = "of so many".PadRight(line.Length);
            for (int peer = 1; peer <= names.Count; peer++)
            {
                line += Text(Mean(table, peer)).PadLeft(RatioWidth);
                counts += rows.Count(row => row.Ratio(peer) is not null).ToString(CultureInfo.InvariantCulture).PadLeft(RatioWidth);
            }

            Console.WriteLine(line);
            Console.WriteLine(counts);
        }

        foreach (Row row in rows)
        {
            foreach (string remark in Remarks(row, names))
            {
                Console.WriteLine($"  {row.Name}: {remark}");
            }
        }
    }

    /// <summary>The geometric mean of a table's ratios to a peer, or null when there is none.</summary>
    public double? Mean(string table, int peer)
    {
        double[] ratios = _rows.Where(row => row.Table == table).Select(row => row.Ratio(peer)).OfType<double>().ToArray();
        return ratios.Length == 0 ? null : Math.Exp(ratios.Average(Math.Log));
    }

    private static IEnumerable<string> Remarks(Row row, IReadOnlyList<string> peers)
    {
        for (int i = 0; i < row.Cells.Count; i++)
        {
            if (row.Cells[i].Refusal is { } refusal)
            {
                yield return $"{(i == 0 ? "wisp" : peers[i - 1])}: {refusal}";
            }
        }

        if (row.LeftOut is not null)
        {
            yield return row.LeftOut;
        }

        if (row.Note is not null)
        {
            yield return row.Note;
        }
    }

    private static string Text(double? ratio) => ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";
}
