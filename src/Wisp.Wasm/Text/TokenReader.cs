using System.Text;
using System.Text.Unicode;

namespace Wisp.Wasm.Text;

/// <summary>Walks over the tokens of a source: what parsers of modules and scripts share.</summary>
internal sealed class TokenReader(TextSource source, int position)
{
    private const int LongestQuote = 200;

    /// <summary>The source walked over.</summary>
    public TextSource Source => source;

    /// <summary>Position of the current token.</summary>
    public int Position { get; set; } = position;

    /// <summary>The token at the position.</summary>
    public ref readonly Token Current => ref source[Position];

    /// <summary>The kind of the current token.</summary>
    public TokenKind Kind => Current.Kind;

    /// <summary>The kind of the token behind the current one.</summary>
    public TokenKind NextKind => Position + 1 < source.Count ? source[Position + 1].Kind : TokenKind.End;

    /// <summary>Whether the current token is this word.</summary>
    /// <param name="keyword">The word.</param>
    /// <returns>Whether it is.</returns>
    public bool Is(Keyword keyword) => Kind == TokenKind.Keyword && Current.Value == (int)keyword;

    /// <summary>Whether an opening parenthesis and this word come next.</summary>
    /// <param name="keyword">The word.</param>
    /// <returns>Whether they do.</returns>
    public bool IsOpen(Keyword keyword) => Kind == TokenKind.LeftParen && WordAfter(Position) == (int)keyword;

    /// <summary>The meaning of the word behind a token, usually an opening parenthesis.</summary>
    /// <param name="open">Position of that token.</param>
    /// <returns>An opcode or a keyword, or -1 if there is no word.</returns>
    public int WordAfter(int open) =>
        open + 1 < source.Count && source[open + 1].Kind == TokenKind.Keyword ? source[open + 1].Value : -1;

    /// <summary>Steps over an opening parenthesis and a word, if they come next.</summary>
    /// <param name="keyword">The word.</param>
    /// <returns>Whether they were there.</returns>
    public bool TryOpen(Keyword keyword)
    {
        bool found = IsOpen(keyword);
        Position += found ? 2 : 0;
        return found;
    }

    /// <summary>Steps over a word, if it comes next.</summary>
    /// <param name="keyword">The word.</param>
    /// <returns>Whether it was there.</returns>
    public bool TryTake(Keyword keyword)
    {
        bool found = Is(keyword);
        Position += found ? 1 : 0;
        return found;
    }

    /// <summary>Steps over a closing parenthesis, if it comes next.</summary>
    /// <returns>Whether it was there.</returns>
    public bool TryClose()
    {
        bool found = Kind == TokenKind.RightParen;
        Position += found ? 1 : 0;
        return found;
    }

    /// <summary>Steps over a word.</summary>
    /// <param name="keyword">The word.</param>
    public void Expect(Keyword keyword)
    {
        if (!TryTake(keyword))
        {
            throw Unexpected($"\"{keyword.Text()}\"");
        }
    }

    /// <summary>Steps over an opening parenthesis.</summary>
    public void ExpectOpen()
    {
        if (Kind != TokenKind.LeftParen)
        {
            throw Unexpected("\"(\"");
        }

        Position++;
    }

    /// <summary>Steps over an opening parenthesis and a word.</summary>
    /// <param name="keyword">The word.</param>
    public void ExpectOpen(Keyword keyword)
    {
        ExpectOpen();
        Expect(keyword);
    }

    /// <summary>Steps over a closing parenthesis.</summary>
    public void ExpectClose()
    {
        if (!TryClose())
        {
            throw Unexpected("\")\"");
        }
    }

    /// <summary>Steps behind the parenthesis that closes the one at the position.</summary>
    public void SkipGroup()
    {
        if (Kind != TokenKind.LeftParen)
        {
            throw Unexpected("\"(\"");
        }

        int close = Current.Value;
        if (close < 0)
        {
            Position = source.Count - 1;
            throw Unexpected("\")\"");
        }

        Position = close + 1;
    }

    /// <summary>Steps over an identifier, if it comes next.</summary>
    /// <returns>Its symbol, or -1.</returns>
    public int TakeSymbol() => Kind == TokenKind.Identifier ? source[Position++].Value : -1;

    /// <summary>Steps over a string.</summary>
    /// <returns>Its bytes.</returns>
    public byte[] TakeString()
    {
        if (Kind != TokenKind.String)
        {
            throw Unexpected("a string");
        }

        Token token = source[Position++];
        return StringLiteral.Decode(source.TextOf(token), source, token.Start);
    }

    /// <summary>Steps over a string that is a name.</summary>
    /// <returns>Its bytes, valid UTF-8.</returns>
    public byte[] TakeName()
    {
        int start = Current.Start;
        byte[] name = TakeString();
        return Utf8.IsValid(name) ? name : throw source.Error(start, "malformed UTF-8 encoding");
    }

    /// <summary>Steps over a number without sign.</summary>
    /// <param name="bits">Its width.</param>
    /// <returns>The number.</returns>
    public ulong TakeUnsigned(int bits)
    {
        if (Kind != TokenKind.Number)
        {
            throw Unexpected("a number");
        }

        switch (IntegerText.TryParseUnsigned(source.TextOf(Current), bits, out ulong value))
        {
            case NumberStatus.OutOfRange:
                throw Error($"i{bits} constant out of range {Quote()}");
            case NumberStatus.Malformed:
                throw Unexpected("a number without sign");
        }

        Position++;
        return value;
    }

    /// <summary>Steps over an integer constant.</summary>
    /// <param name="bits">Its width.</param>
    /// <returns>The number in two's complement.</returns>
    public ulong TakeInteger(int bits)
    {
        if (Kind != TokenKind.Number)
        {
            throw Unexpected("an integer");
        }

        Check(IntegerText.TryParse(source.TextOf(Current), bits, out ulong value), "i", bits);
        Position++;
        return value;
    }

    /// <summary>Steps over a floating-point constant.</summary>
    /// <param name="bits">Its width, 32 or 64.</param>
    /// <returns>The bits of the number.</returns>
    public ulong TakeFloat(int bits)
    {
        if (Kind is not (TokenKind.Number or TokenKind.Keyword))
        {
            throw Unexpected("a number");
        }

        ulong value;
        if (bits == 32)
        {
            Check(FloatText.TryParseSingle(source.TextOf(Current), out uint single), "f", bits);
            value = single;
        }
        else
        {
            Check(FloatText.TryParseDouble(source.TextOf(Current), out value), "f", bits);
        }

        Position++;
        return value;
    }

    /// <summary>An error at the current token.</summary>
    /// <param name="reason">What is wrong.</param>
    /// <returns>The exception to throw.</returns>
    public TextFormatException Error(string reason) => source.Error(Current.Start, reason);

    /// <summary>An error about the current token, which cannot stand here.</summary>
    /// <param name="wanted">What could.</param>
    /// <returns>The exception to throw.</returns>
    public TextFormatException Unexpected(string wanted) => Error(
        Kind == TokenKind.End ? $"unexpected token: the text ends where {wanted} should be"
        : IsKnown() ? $"unexpected token {Quote()} where {wanted} should be"
        : $"unknown operator {Quote()}");

    /// <summary>An error about the current token, which is no word of the grammar.</summary>
    /// <returns>The exception to throw.</returns>
    public TextFormatException UnknownOperator() => Error($"unknown operator {Quote()}");

    private void Check(NumberStatus status, string prefix, int bits)
    {
        switch (status)
        {
            case NumberStatus.OutOfRange:
                throw Error($"{prefix}{bits} constant out of range: {Quote()}");
            case NumberStatus.Malformed:
                throw Unexpected(prefix == "i" ? "an integer" : "a number");
        }
    }

    // The suite calls unknown whatever is not a token of the grammar.
    private bool IsKnown() => Kind switch
    {
        TokenKind.Reserved => false,
        TokenKind.Keyword => Current.Value != (int)Keyword.Unknown
            || FloatText.TryParseDouble(source.TextOf(Current), out _) != NumberStatus.Malformed,
        TokenKind.Number => IntegerText.TryParse(source.TextOf(Current), 64, out _) != NumberStatus.Malformed
            || FloatText.TryParseDouble(source.TextOf(Current), out _) != NumberStatus.Malformed,
        _ => true,
    };

    private string Quote()
    {
        ReadOnlySpan<byte> text = source.TextOf(Current);
        return text.Length <= LongestQuote
            ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..LongestQuote]) + "…";
    }
}
