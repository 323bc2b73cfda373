using System.Text;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;
using Wisp.Permissions;

namespace Wisp.Host.Manifests;

// Tomlyn parses and finds keys that are defined twice; here its syntax tree becomes the tables that the headers and dotted keys mean.
// https://toml.io/en/v1.1.0
//
//   [a.b]      the table b in the table a            a.b = 1   the same from inside
//   [[a.b]]    one more table in the array b of a    [a.b.c]   c in the last table of that array

/// <summary>Reads a TOML file into tables whose values know where they stand.</summary>
internal static class TomlDocument
{
    /// <summary>Bytes of a file; more is refused.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="faults">Takes what is wrong with it; with faults the result is not to be used.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TomlTable ReadFile(string path, ManifestFaults faults)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaxBytes)
        {
            throw new IOException($"{path}: larger than {MaxBytes} bytes, which no manifest is");
        }

        byte[] bytes = new byte[MaxBytes];
        int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        try
        {
            return Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, count), faults);
        }
        catch (DecoderFallbackException)
        {
            throw new IOException($"{path}: is not UTF-8 text");
        }
    }

    /// <summary>Reads a text.</summary>
    public static TomlTable Read(string text, ManifestFaults faults)
    {
        var root = new TomlTable(new TomlPosition(1, 1));
        DocumentSyntax document;
        try
        {
            document = SyntaxParser.Parse(text.TrimStart('\ufeff'), faults.File, validate: true);
        }
        catch (TomlException tooDeep)
        {
            faults.Add(root.Position, OneLine(tooDeep.Message));
            return root;
        }

        foreach (DiagnosticMessage message in document.Diagnostics)
        {
            faults.Add(PositionOf(message.Span), OneLine(message.Message));
        }

        if (!faults.Any)
        {
            AddEntries(root, document.KeyValues);
            foreach (TableSyntaxBase header in document.Tables)
            {
                AddEntries(Open(root, header), header.Items);
            }
        }

        return root;
    }

    private static TomlTable Open(TomlTable root, TableSyntaxBase header)
    {
        List<(string Key, TomlPosition Position)> path = PathOf(header.Name!);
        TomlTable parent = Descend(root, path.Take(path.Count - 1));
        (string key, TomlPosition position) = path[^1];
        if (header is not TableArraySyntax)
        {
            return Descend(parent, [path[^1]]);
        }

        var table = new TomlTable(position);
        if (parent.TryFind(key, out TomlEntry? existing) && existing.Value is TomlArray array)
        {
            array.Items.Add(table);
        }
        else
        {
            parent.Add(key, position, new TomlArray(position, [table]));
        }

        return table;
    }

    private static void AddEntries(TomlTable table, SyntaxList<KeyValueSyntax> entries)
    {
        foreach (KeyValueSyntax entry in entries)
        {
            AddEntry(table, entry);
        }
    }

    private static void AddEntry(TomlTable table, KeyValueSyntax entry)
    {
        List<(string Key, TomlPosition Position)> path = PathOf(entry.Key!);
        TomlTable owner = Descend(table, path.Take(path.Count - 1));
        owner.Add(path[^1].Key, path[^1].Position, ValueOf(entry.Value!));
    }

    private static TomlTable Descend(TomlTable table, IEnumerable<(string Key, TomlPosition Position)> path)
    {
        foreach ((string key, TomlPosition position) in path)
        {
            if (!table.TryFind(key, out TomlEntry? entry))
            {
                var made = new TomlTable(position);
                table.Add(key, position, made);
                table = made;
                continue;
            }

            // The parser has refused a table beneath anything else.
            table = entry.Value switch
            {
                TomlTable inner => inner,
                TomlArray { Items: [.., TomlTable last] } => last,
                _ => new TomlTable(position),
            };
        }

        return table;
    }

    private static TomlNode ValueOf(ValueSyntax syntax)
    {
        TomlPosition position = PositionOf(syntax.Span);
        switch (syntax)
        {
            case StringValueSyntax text:
                return new TomlText(position, text.Value ?? string.Empty);
            case IntegerValueSyntax integer:
                return new TomlInteger(position, integer.Value);
            case BooleanValueSyntax flag:
                return new TomlFlag(position, flag.Value);
            case ArraySyntax array:
                return new TomlArray(position, [.. array.Items.Select(item => ValueOf(item.Value!))]);
            case InlineTableSyntax inline:
                var table = new TomlTable(position);
                foreach (InlineTableItemSyntax item in inline.Items)
                {
                    AddEntry(table, item.KeyValue!);
                }

                return table;
            case FloatValueSyntax:
                return new TomlOther(position, "a float");
            default:
                return new TomlOther(position, "a date");
        }
    }

    private static List<(string Key, TomlPosition Position)> PathOf(KeySyntax key) =>
        [PartOf(key.Key!), .. key.DotKeys.Select(dotted => PartOf(dotted.Key!))];

    private static (string Key, TomlPosition Position) PartOf(BareKeyOrStringValueSyntax part) =>
        (part is BareKeySyntax bare ? bare.Key!.Text! : ((StringValueSyntax)part).Value!, PositionOf(part.Span));

    private static TomlPosition PositionOf(SourceSpan span) => new(span.Start.Line + 1, span.Start.Column + 1);

    private static string OneLine(string message) => GuestText.Escape(message.TrimEnd('.'));
}
