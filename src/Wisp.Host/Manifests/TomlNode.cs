using System.Diagnostics.CodeAnalysis;

namespace Wisp.Host.Manifests;

/// <summary>A place in a file; both count from 1.</summary>
internal readonly record struct TomlPosition(int Line, int Column);

/// <summary>A value of a TOML file, with the place where it stands.</summary>
internal abstract record TomlNode(TomlPosition Position);

internal sealed record TomlText(TomlPosition Position, string Value) : TomlNode(Position);

internal sealed record TomlInteger(TomlPosition Position, long Value) : TomlNode(Position);

internal sealed record TomlFlag(TomlPosition Position, bool Value) : TomlNode(Position);

/// <summary>A float or a date: nothing that a manifest of ours takes.</summary>
internal sealed record TomlOther(TomlPosition Position, string Name) : TomlNode(Position);

internal sealed record TomlArray(TomlPosition Position, List<TomlNode> Items) : TomlNode(Position);

/// <summary>A key with its value; the position is the key's.</summary>
internal sealed record TomlEntry(string Key, TomlPosition Position, TomlNode Value);

/// <summary>A table, its entries in the order of the file.</summary>
internal sealed record TomlTable(TomlPosition Position) : TomlNode(Position)
{
    private readonly List<TomlEntry> _entries = [];
    private readonly Dictionary<string, TomlEntry> _byKey = new(StringComparer.Ordinal);

    public IReadOnlyList<TomlEntry> Entries => _entries;

    public void Add(string key, TomlPosition position, TomlNode value)
    {
        var entry = new TomlEntry(key, position, value);
        _entries.Add(entry);
        _byKey.TryAdd(key, entry);
    }

    /// <summary>Whether an entry was taken out, so that what seems to be missing need not be.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Takes out what a check refuses, in one pass; each entry is asked about once, in the order of the file.</summary>
    public void Keep(Func<TomlEntry, bool> isGood) => _entries.RemoveAll(entry =>
    {
        bool isRefused = !isGood(entry);
        if (isRefused)
        {
            _byKey.Remove(entry.Key);
            IsIncomplete = true;
        }

        return isRefused;
    });

    public bool TryFind(string key, [NotNullWhen(true)] out TomlEntry? entry) => _byKey.TryGetValue(key, out entry);

    // What a checked table holds under a key; null or nothing when it is absent.
    public string? Text(string key) => (Value(key) as TomlText)?.Value;

    public long? Integer(string key) => (Value(key) as TomlInteger)?.Value;

    public bool? Flag(string key) => (Value(key) as TomlFlag)?.Value;

    public TomlTable? Table(string key) => Value(key) as TomlTable;

    public IReadOnlyList<TomlNode> Items(string key) => Value(key) is TomlArray array ? array.Items : [];

    public TomlPosition PositionOf(string key) => TryFind(key, out TomlEntry? entry) ? entry.Value.Position : Position;

    private TomlNode? Value(string key) => TryFind(key, out TomlEntry? entry) ? entry.Value : null;
}
