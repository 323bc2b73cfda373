using System.Globalization;
using System.Text.Json;

namespace Wisp.Bench.Measuring;

/// <summary>A row: the same work on both sides.</summary>
/// <param name="Table">Which table it belongs to.</param>
/// <param name="Name">What was run.</param>
/// <param name="WispNanoseconds">Ours.</param>
/// <param name="PeerNanoseconds">The peer's.</param>
internal sealed record Row(string Table, string Name, double WispNanoseconds, double PeerNanoseconds)
{
    public double Ratio => WispNanoseconds / PeerNanoseconds;
}

/// <summary>Prints rows and their geometric mean, and keeps them for the JSON file.</summary>
internal sealed class RatioTable(string peer)
{
    private readonly List<Row> _rows = [];

    public IReadOnlyList<Row> Rows => _rows;

    public void Begin(string table) =>
        Console.WriteLine($"\n{table,-34}{"wisp",14}{peer,16}{"ratio",9}");

    public void Add(Row row)
    {
        _rows.Add(row);
        Console.WriteLine($"{row.Name,-34}{Format(row.WispNanoseconds),14}{Format(row.PeerNanoseconds),16}"
            + row.Ratio.ToString("0.00", CultureInfo.InvariantCulture).PadLeft(9));
    }

    public void End(string table)
    {
        Row[] rows = _rows.Where(row => row.Table == table).ToArray();
        if (rows.Length > 1)
        {
            double mean = Math.Exp(rows.Average(row => Math.Log(row.Ratio)));
            Console.WriteLine($"{"geometric mean of " + rows.Length,-64}"
                + mean.ToString("0.00", CultureInfo.InvariantCulture).PadLeft(9));
        }
    }

    public void WriteJson(string path)
    {
        using FileStream file = File.Create(path);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("peer", peer);
        writer.WriteNumber("processors", Environment.ProcessorCount);
        writer.WriteString("runtime", System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);
        writer.WriteStartArray("rows");
        foreach (Row row in _rows)
        {
            writer.WriteStartObject();
            writer.WriteString("table", row.Table);
            writer.WriteString("name", row.Name);
            writer.WriteNumber("wispNanoseconds", row.WispNanoseconds);
            writer.WriteNumber("peerNanoseconds", row.PeerNanoseconds);
            writer.WriteNumber("ratio", Math.Round(row.Ratio, 4));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Format(double nanoseconds) => nanoseconds switch
    {
        >= 1e9 => (nanoseconds / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " s",
        >= 1e6 => (nanoseconds / 1e6).ToString("0.00", CultureInfo.InvariantCulture) + " ms",
        >= 1e3 => (nanoseconds / 1e3).ToString("0.00", CultureInfo.InvariantCulture) + " us",
        _ => nanoseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ns",
    };
}
