namespace Wisp.Wasm.Text.Scripts;

/// <summary>A module of a script, which may well be malformed: it is only parsed when asked for.</summary>
internal sealed class ModuleSource
{
    private readonly TextSource? _source;
    private readonly int _position;
    private readonly int _symbol;
    private readonly byte[]? _bytes;
    private readonly string _label;

    private ModuleSource(string? name, string label, TextSource? source, int position, int symbol, byte[]? bytes)
    {
        Name = name;
        _label = label;
        _source = source;
        _position = position;
        _symbol = symbol;
        _bytes = bytes;
    }

    /// <summary>The module's name in the script, if it has one.</summary>
    public string? Name { get; }

    /// <summary>Whether the module is given as bytes.</summary>
    public bool IsBinary => _source is null && _symbol < 0;

    /// <summary>A module whose fields stand in the script.</summary>
    /// <param name="source">The script.</param>
    /// <param name="position">Position of the first field.</param>
    /// <param name="symbol">Its identifier, or -1.</param>
    /// <returns>The module.</returns>
    public static ModuleSource Text(TextSource source, int position, int symbol) => new(
        symbol < 0 ? null : source.Symbols[symbol], source.Name, source, position, symbol, null);

    /// <summary>A module given as bytes.</summary>
    /// <param name="name">Its name, if any.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The module.</returns>
    public static ModuleSource Binary(string? name, byte[] bytes) => new(name, "", null, 0, -1, bytes);

    /// <summary>A module given as a text in strings.</summary>
    /// <param name="name">Its name, if any.</param>
    /// <param name="label">What errors call it.</param>
    /// <param name="text">The text.</param>
    /// <returns>The module.</returns>
    public static ModuleSource Quote(string? name, string label, byte[] text) => new(name, label, null, 0, 0, text);

    /// <summary>The binary module.</summary>
    /// <returns>Its bytes; as given if it was given as bytes.</returns>
    /// <exception cref="TextFormatException">It is a text and malformed.</exception>
    public byte[] Encode()
    {
        if (_source is not null)
        {
            byte[] module = ModuleParser.Parse(_source, _position, _symbol, out int end);
            var reader = new TokenReader(_source, end);
            return reader.Kind is TokenKind.RightParen or TokenKind.End
                ? module : throw reader.Unexpected("a field of a module");
        }

        return IsBinary ? _bytes! : WatParser.ParseModule(_bytes, _label);
    }
}
