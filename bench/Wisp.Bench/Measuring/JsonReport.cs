using System.Text.Json;

namespace Wisp.Bench.Measuring;

// One shape for all tables:
//
//   { "machine": { "processor": …, … },
//     "rows": [ { "table": …, "name": …, "unit": …, "wisp": VALUE, "peers": { PEER: VALUE, … }, "leftOut"?: …, "note"?: … } ],
//     "means": [ { "table": …, "peer": …, "ratio": …, "rows": … } ] }
//
//   VALUE   { "least": number, "rounds": [ number… ], "ratio"?: ours by the peer's, "low"?, "high"?: its spread }
//           { "refused": reason }

/// <summary>Writes rows to a file, for the chart and for comparing runs.</summary>
internal static class JsonReport
{
    public static void Write(string path, RatioTable table, Machine machine)
    {
        using FileStream file = File.Create(path);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteStartObject("machine");
        foreach ((string name, string value) in machine.Facts)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("rows");
        foreach (Row row in table.Rows)
        {
            WriteRow(writer, row, table);
        }

        writer.WriteEndArray();
        WriteMeans(writer, table);
        writer.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter writer, Row row, RatioTable table)
    {
        writer.WriteStartObject();
        writer.WriteString("table", row.Table);
        writer.WriteString("name", row.Name);
        writer.WriteString("unit", table.UnitOf(row.Table).Name);
        writer.WritePropertyName("wisp");
        WriteCell(writer, row, 0);
        writer.WriteStartObject("peers");
        IReadOnlyList<string> peers = table.PeersOf(row.Table);
        for (int peer = 1; peer < row.Cells.Count; peer++)
        {
            writer.WritePropertyName(peers[peer - 1]);
            WriteCell(writer, row, peer);
        }

        writer.WriteEndObject();
        WriteOptional(writer, "leftOut", row.LeftOut);
        WriteOptional(writer, "note", row.Note);
        writer.WriteEndObject();
    }

    private static void WriteCell(Utf8JsonWriter writer, Row row, int index)
    {
        Cell cell = row.Cells[index];
        writer.WriteStartObject();
        if (cell.HasValue)
        {
            writer.WriteNumber("least", Math.Round(cell.Value, 4));
            writer.WriteStartArray("rounds");
            foreach (double round in cell.Rounds)
            {
                writer.WriteNumberValue(Math.Round(round, 4));
            }

            writer.WriteEndArray();
        }

        WriteOptional(writer, "refused", cell.Refusal);
        if (index > 0 && row.Ratio(index) is { } ratio)
        {
            writer.WriteNumber("ratio", Math.Round(ratio, 4));
            if (row.Spread(index) is { } spread)
            {
                writer.WriteNumber("low", Math.Round(spread.Low, 4));
                writer.WriteNumber("high", Math.Round(spread.High, 4));
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteMeans(Utf8JsonWriter writer, RatioTable table)
    {
        writer.WriteStartArray("means");
        foreach (string name in table.Rows.Select(row => row.Table).Distinct())
        {
            IReadOnlyList<string> peers = table.PeersOf(name);
            for (int peer = 1; peer <= peers.Count; peer++)
            {
                if (table.Mean(name, peer) is { } mean)
                {
                    writer.WriteStartObject();
                    writer.WriteString("table", name);
                    writer.WriteString("peer", peers[peer - 1]);
                    writer.WriteNumber("ratio", Math.Round(mean, 4));
                    writer.WriteNumber("rows", table.Rows.Count(row => row.Table == name && row.Ratio(peer) is not null));
                    writer.WriteEndObject();
                }
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
