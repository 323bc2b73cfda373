using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>Holds a file against a table of keys: unknown keys, missing ones, values of a wrong type.</summary>
/// <remarks>What is wrong is taken out of the tables, so that what reads them afterwards meets only what is right.</remarks>
internal sealed class ManifestChecker(ManifestFaults faults)
{
    /// <summary>Checks a table and everything in it.</summary>
    public void Check(TomlTable table, TableType type)
    {
        var refused = new HashSet<string>();
        table.Keep(entry =>
        {
            if (Array.Find(type.Keys, key => key.Name == entry.Key) is not ManifestKey known)
            {
                faults.Add(entry.Position, $"unknown key {GuestText.Quote(entry.Key)} in {type.Label}; {Suggest(entry.Key, type)}");
                return false;
            }

            bool isGood = CheckEntry(entry, known);
            if (!isGood)
            {
                refused.Add(known.Name);
            }

            return isGood;
        });

        foreach (ManifestKey key in type.Keys)
        {
            // A value that was refused has its own message.
            if (key.IsRequired && !table.TryFind(key.Name, out _) && !refused.Contains(key.Name))
            {
                faults.Add(table.Position, $"{type.Label} needs the key {key.Name}: {key.Description}");
            }
        }
    }

    private bool CheckEntry(TomlEntry entry, ManifestKey key)
    {
        if (key.Type is null)
        {
            faults.Add(entry.Position, $"{key.Name}: not yet: {key.NotYet}");
            return false;
        }

        // Where only one value is possible yet, every other one asks for what is missing.
        if (key.NotYet is not null && Mismatch(entry.Value, key.Type) is not null)
        {
            faults.Add(entry.Value.Position, $"{key.Name}: not yet: {key.NotYet}");
            return false;
        }

        return CheckValue(entry.Value, key.Type, key.Name);
    }

    private bool CheckValue(TomlNode value, ManifestType type, string name)
    {
        switch (value, type)
        {
            case (TomlTable table, TableType keys):
                Check(table, keys);
                return true;

            case (TomlTable table, MapType map):
                table.Keep(entry => CheckName(entry, map.Key) & CheckValue(entry.Value, map.Value, $"{name}.{entry.Key}"));
                return true;

            case (TomlArray array, ListType list) when array.Items.Count >= list.Least:
                array.Items.RemoveAll(item => !CheckValue(item, list.Item, name));
                return true;

            case (_, EitherType either) when SameKind(value, either):
                return CheckValue(value, SameKind(value, either.First) ? either.First : either.Second, name);

            default:
                if (Mismatch(value, type) is string fault)
                {
                    faults.Add(value.Position, $"{GuestText.Escape(name)}: {fault}");
                    return false;
                }

                return true;
        }
    }

    private bool CheckName(TomlEntry entry, TextType type)
    {
        if (type.Check?.Invoke(entry.Key) is not string fault)
        {
            return true;
        }

        faults.Add(entry.Position, fault);
        return false;
    }

    /// <summary>Why a value is none of a type, or null.</summary>
    private string? Mismatch(TomlNode value, ManifestType type) => (value, type) switch
    {
        (TomlText text, TextType texts) => texts.Check?.Invoke(text.Value),
        (TomlText text, WordType words) => words.Words.Contains(text.Value) ? null
            : $"{GuestText.Quote(text.Value)} is not {words.Name}" + DidYouMean(text.Value, words.Words),
        (TomlInteger integer, IntegerType range) when integer.Value >= range.Least && integer.Value <= range.Most => null,
        (TomlFlag flag, FlagType flags) when flags.Only is null || flags.Only == flag.Value => null,
        (TomlTable, TableType or MapType) => null,
        (TomlArray array, ListType list) when array.Items.Count >= list.Least => null,
        (_, EitherType either) when SameKind(value, either) => Mismatch(value, SameKind(value, either.First) ? either.First : either.Second),
        _ => $"expected {type.Name}, not {NameOf(value)}",
    };

    private static bool SameKind(TomlNode value, ManifestType type) => (value, type) switch
    {
        (TomlText, TextType or WordType) or (TomlInteger, IntegerType) or (TomlFlag, FlagType) or (TomlTable, TableType or MapType)
            or (TomlArray, ListType) => true,
        (_, EitherType either) => SameKind(value, either.First) || SameKind(value, either.Second),
        _ => false,
    };

    private static string NameOf(TomlNode value) => value switch
    {
        TomlText text => GuestText.Quote(text.Value),
        TomlInteger integer => $"{integer.Value}",
        TomlFlag flag => flag.Value ? "true" : "false",
        TomlArray => "a list",
        TomlTable => "a table",
        TomlOther other => other.Name,
        _ => "this",
    };

    private string Suggest(string name, TableType type)
    {
        IEnumerable<string> names = type.Keys.Where(key => key.Type is not null).Select(key => key.Name);
        return faults.HintFor(name, names) is string nearest ? $"did you mean {nearest}?" : $"it has {string.Join(", ", names)}";
    }

    private string DidYouMean(string word, IEnumerable<string> words) =>
        faults.HintFor(word, words) is string nearest ? $"; did you mean {nearest}?" : string.Empty;
}
