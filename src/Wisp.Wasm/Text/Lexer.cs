using System.Text.Unicode;

namespace Wisp.Wasm.Text;

// Tokens   https://webassembly.github.io/spec/core/text/lexical.html
//   token    ::= keyword | number | identifier | string | '(' | ')' | reserved
//   keyword  ::= ('a'..'z') idchar*
//   id       ::= '$' idchar+ | '$' string
//   reserved ::= (idchar | string | ',' | ';' | '[' | ']' | '{' | '}')+
//   space    ::= ' ' | tab | newline | comment | annotation
//   annot    ::= '(@' (idchar+ | string) (space | token)* ')'
// The longest match wins, so `0drop` and `"a"x` are reserved tokens; one exception for the reader's sake: `;;` and
// `(;` begin a comment even right behind a token.

/// <summary>Cuts a source into tokens. Nesting of comments, annotations and parentheses is counted, not recursed.</summary>
internal sealed class Lexer(TextSource source)
{
    private readonly List<int> _open = [];
    private int _position;

    /// <summary>Adds all tokens to the source.</summary>
    public void Run()
    {
        CheckEncoding();
        while (SkipSpace())
        {
            Next();
        }

        source.Add(new Token(TokenKind.End, source.Bytes.Length, 0, 0));
    }

    private void CheckEncoding()
    {
        if (Utf8.IsValid(source.Bytes))
        {
            return;
        }

        int valid = 0;
        while (valid < source.Bytes.Length
            && System.Text.Rune.DecodeFromUtf8(source.Bytes[valid..], out _, out int length)
                == System.Buffers.OperationStatus.Done)
        {
            valid += length;
        }

        throw source.Error(valid, "malformed UTF-8 encoding");
    }

    private void Next()
    {
        int start = _position;
        switch (Peek(0))
        {
            case '(':
                _position++;
                _open.Add(source.Count);
                source.Add(new Token(TokenKind.LeftParen, start, 1, -1));
                break;
            case ')':
                _position++;
                if (_open.Count > 0)
                {
                    source.Match(_open[^1], source.Count);
                    _open.RemoveAt(_open.Count - 1);
                }

                source.Add(new Token(TokenKind.RightParen, start, 1, 0));
                break;
            default:
                source.Add(Classify(start, SkipWord()));
                break;
        }
    }

    /// <summary>Skips white space, comments and annotations.</summary>
    /// <returns>Whether something follows.</returns>
    private bool SkipSpace()
    {
        while (SkipBlanksAndComments())
        {
            if (Peek(0) != '(' || Peek(1) != '@')
            {
                return true;
            }

            SkipAnnotation();
        }

        return false;
    }

    private bool SkipBlanksAndComments()
    {
        while (_position < source.Bytes.Length)
        {
            int c = Peek(0);
            if (c is ' ' or '\t' or '\n' or '\r')
            {
                _position++;
            }
            else if (c == ';' && Peek(1) == ';')
            {
                int length = source.Bytes[_position..].IndexOfAny((byte)'\n', (byte)'\r');
                _position = length < 0 ? source.Bytes.Length : _position + length;
            }
            else if (c == '(' && Peek(1) == ';')
            {
                SkipBlockComment();
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void SkipBlockComment()
    {
        int start = _position;
        int depth = 0;
        do
        {
            int next = source.Bytes[_position..].IndexOfAny((byte)'(', (byte)';');
            if (next < 0 || (_position += next) + 1 >= source.Bytes.Length)
            {
                throw source.Error(start, "unclosed comment");
            }

            int step = (Peek(0), Peek(1)) switch
            {
                ('(', ';') => 1,
                (';', ')') => -1,
                _ => 0,
            };
            depth += step;
            _position += step == 0 ? 1 : 2;
        }
        while (depth > 0);
    }

    private void SkipAnnotation()
    {
        int start = _position;
        _position += 2;
        SkipAnnotationName();
        int depth = 1;
        while (depth > 0)
        {
            if (!SkipBlanksAndComments())
            {
                throw source.Error(start, "unclosed annotation");
            }

            switch (Peek(0))
            {
                case '(':
                    _position++;   // an annotation inside is only parentheses here, whatever its name
                    depth++;
                    break;
                case ')':
                    _position++;
                    depth--;
                    break;
                default:
                    SkipWord();
                    break;
            }
        }
    }

    private void SkipAnnotationName()
    {
        int start = _position;
        if (Peek(0) == '"')
        {
            if (Peek(1) is '"' or '\n')
            {
                throw source.Error(start, "empty annotation id");
            }

            SkipString();
            CheckName(source.Bytes[start.._position], start);
            return;
        }

        while (IsIdChar(Peek(0)))
        {
            _position++;
        }

        if (_position == start)
        {
            throw source.Error(start, "empty annotation id");
        }
    }

    // A word is the longest run of characters of reserved tokens.
    private WordShape SkipWord()
    {
        int start = _position;
        var shape = WordShape.None;
        while (_position < source.Bytes.Length)
        {
            int c = Peek(0);
            if (IsIdChar(c))
            {
                shape |= WordShape.HasIdChars;
                _position++;
            }
            else if (c == '"')
            {
                shape |= (shape & WordShape.HasString) != 0 ? WordShape.HasMore : WordShape.HasString;
                SkipString();
            }
            else if (c is ',' or '[' or ']' or '{' or '}' || (c == ';' && Peek(1) != ';'))
            {
                shape |= WordShape.HasMore;
                _position++;
            }
            else
            {
                break;
            }
        }

        if (_position == start)
        {
            throw source.Error(start, "illegal character");
        }

        return shape;
    }

    private void SkipString()
    {
        int start = _position++;
        bool isIdentifier = start > 0 && source.Bytes[start - 1] == '$';
        while (true)
        {
            int c = Peek(0);
            _position++;
            switch (c)
            {
                case '"':
                    return;
                case '\\':
                    SkipEscape();
                    break;
                case < 0x20 or 0x7f when isIdentifier:
                    throw source.Error(start - 1, "empty identifier");
                case -1 or '\n':
                    throw source.Error(start, "unclosed string");
                case < 0x20 or 0x7f:
                    throw source.Error(_position - 1, "illegal control character in string");
            }
        }
    }

    // escape ::= '\' ('t' | 'n' | 'r' | '"' | ''' | '\' | hexdigit hexdigit | 'u{' hexnum '}')
    private void SkipEscape()
    {
        int start = _position - 1;
        int c = Peek(0);
        if (c is 't' or 'n' or 'r' or '"' or '\'' or '\\')
        {
            _position++;
            return;
        }

        if (c == 'u' && Peek(1) == '{')
        {
            _position += 2;
            if (DigitScanner.TrySkip(source.Bytes, ref _position, isHex: true) && Peek(0) == '}')
            {
                _position++;
                return;
            }
        }
        else if (c >= 0 && char.IsAsciiHexDigit((char)c) && Peek(1) >= 0 && char.IsAsciiHexDigit((char)Peek(1)))
        {
            _position += 2;
            return;
        }

        throw source.Error(start, "illegal escape");
    }

    private Token Classify(int start, WordShape shape)
    {
        ReadOnlySpan<byte> text = source.Bytes[start.._position];
        if (shape == WordShape.HasString)
        {
            return new Token(TokenKind.String, start, text.Length, 0);
        }

        if (text[0] == '$')
        {
            return ClassifyIdentifier(start, text, shape);
        }

        if (shape != WordShape.HasIdChars)
        {
            return new Token(TokenKind.Reserved, start, text.Length, 0);
        }

        return text[0] switch
        {
            >= (byte)'a' and <= (byte)'z' => new Token(TokenKind.Keyword, start, text.Length, Keywords.Find(text)),
            (>= (byte)'0' and <= (byte)'9') or (byte)'+' or (byte)'-' =>
                new Token(TokenKind.Number, start, text.Length, 0),
            _ => new Token(TokenKind.Reserved, start, text.Length, 0),
        };
    }

    private Token ClassifyIdentifier(int start, ReadOnlySpan<byte> text, WordShape shape)
    {
        if (text.Length == 1 || text.SequenceEqual("$\"\""u8))
        {
            throw source.Error(start, "empty identifier");
        }

        if (shape == WordShape.HasIdChars)
        {
            return new Token(TokenKind.Identifier, start, text.Length, source.Symbols.Intern(text[1..]));
        }

        // The string must follow the dollar sign and be all there is.
        bool isQuoted = shape == (WordShape.HasIdChars | WordShape.HasString) && text[1] == '"' && text[^1] == '"';
        return isQuoted
            ? new Token(TokenKind.Identifier, start, text.Length, source.Symbols.Intern(CheckName(text[1..], start)))
            : new Token(TokenKind.Reserved, start, text.Length, 0);
    }

    private byte[] CheckName(ReadOnlySpan<byte> literal, int start)
    {
        byte[] name = StringLiteral.Decode(literal, source, start);
        return Utf8.IsValid(name) ? name : throw source.Error(start, "malformed UTF-8 encoding");
    }

    private int Peek(int ahead) =>
        _position + ahead < source.Bytes.Length ? source.Bytes[_position + ahead] : -1;

    internal static bool IsIdChar(int c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9')
        or '!' or '#' or '$' or '%' or '&' or '\'' or '*' or '+' or '-' or '.' or '/' or ':' or '<' or '=' or '>'
        or '?' or '@' or '\\' or '^' or '_' or '`' or '|' or '~';

    [Flags]
    private enum WordShape
    {
        None = 0,
        HasIdChars = 1,
        HasString = 2,
        HasMore = 4,
    }
}
