using System.Text;

namespace Wisp.Wasm.Text;

/// <summary>Turns a string with its quotes and escapes, which the lexer has checked, into its bytes.</summary>
internal static class StringLiteral
{
    /// <summary>The bytes of a string.</summary>
    /// <param name="literal">The string with its quotes.</param>
    /// <param name="source">For errors, where it stands.</param>
    /// <param name="offset">For errors, where it starts.</param>
    /// <returns>The bytes; not necessarily UTF-8.</returns>
    public static byte[] Decode(ReadOnlySpan<byte> literal, TextSource source, int offset)
    {
        literal = literal[1..^1];
        if (!literal.Contains((byte)'\\'))
        {
            return literal.ToArray();
        }

        byte[] bytes = new byte[literal.Length];   // no escape is shorter than what it stands for
        int length = 0;
        for (int i = 0; i < literal.Length; i++)
        {
            byte c = literal[i];
            if (c != '\\')
            {
                bytes[length++] = c;
                continue;
            }

            c = literal[++i];
            switch (c)
            {
                case (byte)'t':
                    bytes[length++] = (byte)'\t';
                    break;
                case (byte)'n':
                    bytes[length++] = (byte)'\n';
                    break;
                case (byte)'r':
                    bytes[length++] = (byte)'\r';
                    break;
                case (byte)'"' or (byte)'\'' or (byte)'\\':
                    bytes[length++] = c;
                    break;
                case (byte)'u':
                    int end = i + literal[i..].IndexOf((byte)'}');
                    length += DecodeCodePoint(literal[(i + 2)..end], bytes.AsSpan(length), source, offset + i);
                    i = end;
                    break;
                default:
                    bytes[length++] =
                        (byte)((DigitScanner.ValueOf(c) << 4) | DigitScanner.ValueOf(literal[++i]));
                    break;
            }
        }

        return bytes[..length];
    }

    private static int DecodeCodePoint(ReadOnlySpan<byte> digits, Span<byte> to, TextSource source, int offset)
    {
        uint value = 0;
        foreach (byte digit in digits)
        {
            if (digit != '_')
            {
                value = Math.Min((value << 4) | DigitScanner.ValueOf(digit), 0x110000);
            }
        }

        return Rune.TryCreate(value, out Rune rune)
            ? rune.EncodeToUtf8(to)
            : throw source.Error(offset, "malformed Unicode escape: not a Unicode scalar value");
    }
}
