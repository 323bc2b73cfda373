namespace Wisp.Wasm.Text;

/// <summary>What a token is.</summary>
internal enum TokenKind : byte
{
    /// <summary><c>(</c>; the token's value is the index of the token that closes it, or -1.</summary>
    LeftParen,

    /// <summary><c>)</c>.</summary>
    RightParen,

    /// <summary>A word that starts with a small letter; the token's value is its <see cref="Keyword"/>.</summary>
    Keyword,

    /// <summary>A word that starts with a digit or a sign. Its format is checked by who needs the number.</summary>
    Number,

    /// <summary>An identifier; the token's value is its symbol.</summary>
    Identifier,

    /// <summary>A string with its quotes.</summary>
    String,

    /// <summary>A run of characters that the specification reserves: an error wherever it stands.</summary>
    Reserved,

    /// <summary>The end of the source.</summary>
    End,
}

/// <summary>A token: a range of the source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it starts in the source, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Value">Depends on the kind.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int Length, int Value);
