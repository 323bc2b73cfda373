using System.Text;

namespace Wisp.Wasm.Text;

/// <summary>A source cut into tokens. Modules of a script are ranges of the script's tokens.</summary>
/// <param name="name">What errors call it: usually its path.</param>
/// <param name="bytes">The UTF-8 text.</param>
internal sealed class TextSource(string name, byte[] bytes)
{
    private Token[] _tokens = new Token[Math.Max(16, bytes.Length / 4)];

    /// <summary>What errors call it.</summary>
    public string Name => name;

    /// <summary>The UTF-8 text.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Its identifiers.</summary>
    public SymbolTable Symbols { get; } = new();

    /// <summary>How many tokens it has; the last one is <see cref="TokenKind.End"/>.</summary>
    public int Count { get; private set; }

    /// <summary>A token.</summary>
    /// <param name="index">Its position among the tokens.</param>
    /// <returns>The token.</returns>
    public ref readonly Token this[int index] => ref _tokens[index];

    /// <summary>The text of a token.</summary>
    /// <param name="token">The token.</param>
    /// <returns>Its bytes in the source.</returns>
    public ReadOnlySpan<byte> TextOf(in Token token) => bytes.AsSpan(token.Start, token.Length);

    /// <summary>Cuts a text into tokens.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="bytes">The UTF-8 text.</param>
    /// <returns>The tokens.</returns>
    /// <exception cref="TextFormatException">A token is not well formed.</exception>
    public static TextSource Read(string name, byte[] bytes)
    {
        var source = new TextSource(name, bytes);
        new Lexer(source).Run();
        return source;
    }

    /// <summary>Adds a token at the end.</summary>
    /// <param name="token">The token.</param>
    public void Add(Token token)
    {
        if (Count == _tokens.Length)
        {
            Array.Resize(ref _tokens, Count * 2);
        }

        _tokens[Count++] = token;
    }

    /// <summary>Tells an opening parenthesis where it is closed.</summary>
    /// <param name="open">Position of the opening token.</param>
    /// <param name="close">Position of the closing token.</param>
    public void Match(int open, int close) => _tokens[open] = _tokens[open] with { Value = close };

    /// <summary>Line and column of a byte, both from 1; a column is a Unicode character.</summary>
    /// <param name="offset">The byte's offset.</param>
    /// <returns>The position.</returns>
    public (int Line, int Column) PositionOf(int offset)
    {
        ReadOnlySpan<byte> before = bytes.AsSpan(0, Math.Min(offset, bytes.Length));
        int line = before.Count((byte)'\n') + 1;
        ReadOnlySpan<byte> sameLine = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return (line, Encoding.UTF8.GetCharCount(sameLine) + 1);
    }

    /// <summary>An error at a place of the source.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>The exception to throw.</returns>
    public TextFormatException Error(int offset, string reason)
    {
        (int line, int column) = PositionOf(offset);
        return new TextFormatException(name, line, column, reason);
    }
}
