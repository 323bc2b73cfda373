namespace Wisp.Host.Manifests;

// What a value may be. The checker and the schema both read these, so that they cannot disagree.

/// <summary>A type of values.</summary>
/// <param name="Name">What a message calls it: "a size such as 64MiB".</param>
internal abstract record ManifestType(string Name);

/// <summary>A text.</summary>
/// <param name="Name">What a message calls it.</param>
/// <param name="Check">Says why a text is none, or null when it is one; null takes every text.</param>
/// <param name="Pattern">The same for editors, as far as a regular expression can say it.</param>
internal sealed record TextType(string Name, Func<string, string?>? Check = null, string? Pattern = null) : ManifestType(Name)
{
    public static TextType Any { get; } = new("a text");
}

/// <summary>One of some words.</summary>
internal sealed record WordType(params string[] Words) : ManifestType("one of " + string.Join(", ", Words));

internal sealed record IntegerType(long Least, long Most) : ManifestType(
    Least == Most ? $"{Least}" : Most == long.MaxValue ? $"a whole number from {Least}" : $"a whole number from {Least} to {Most}");

internal sealed record FlagType(bool? Only = null) : ManifestType(
    Only switch { null => "true or false", true => "true", false => "false" });

internal sealed record ListType(ManifestType Item, int Least = 0) : ManifestType(
    Least == 0 ? $"a list, each item {Item.Name}" : $"a list of at least {Least}, each item {Item.Name}");

/// <summary>Entries whose names the user chooses.</summary>
internal sealed record MapType(TextType Key, ManifestType Value) : ManifestType("a table");

/// <summary>A table with keys of ours.</summary>
/// <param name="Label">How messages name it: <c>[application]</c>.</param>
/// <param name="Keys">Its keys.</param>
internal sealed record TableType(string Label, params ManifestKey[] Keys) : ManifestType("a table");

/// <summary>Either of two.</summary>
internal sealed record EitherType(ManifestType First, ManifestType Second) : ManifestType($"{First.Name}, or {Second.Name}");

/// <summary>One key of a table.</summary>
/// <param name="Name">The key.</param>
/// <param name="Type">What it may hold; null for a key whose feature is not there yet.</param>
/// <param name="Description">What it means, for editors.</param>
internal sealed record ManifestKey(string Name, ManifestType? Type, string Description)
{
    public bool IsRequired { get; init; }

    /// <summary>What is not there yet, of which the key's other values would make use.</summary>
    public string? NotYet { get; init; }
}
