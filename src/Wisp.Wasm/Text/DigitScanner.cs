namespace Wisp.Wasm.Text;

// Digits   https://webassembly.github.io/spec/core/text/values.html
//   num    ::= digit ('_'? digit)*
//   hexnum ::= hexdigit ('_'? hexdigit)*

/// <summary>Walks over the digits of a number.</summary>
internal static class DigitScanner
{
    /// <summary>Skips a run of digits.</summary>
    /// <param name="text">The text of the number.</param>
    /// <param name="position">Where the run starts; afterwards where it ends.</param>
    /// <param name="isHex">Whether the digits are hexadecimal.</param>
    /// <returns>False if there is no digit, or an underscore that is not between two digits.</returns>
    public static bool TrySkip(ReadOnlySpan<byte> text, ref int position, bool isHex)
    {
        bool afterDigit = false;
        while (position < text.Length)
        {
            byte c = text[position];
            if (c == '_')
            {
                if (!afterDigit)
                {
                    return false;
                }

                afterDigit = false;
            }
            else if (IsDigit(c, isHex))
            {
                afterDigit = true;
            }
            else
            {
                break;
            }

            position++;
        }

        return afterDigit;
    }

    /// <summary>Skips a sign.</summary>
    /// <param name="text">The text of the number.</param>
    /// <param name="position">Where the sign may be; afterwards behind it.</param>
    /// <returns>Whether the sign is a minus.</returns>
    public static bool SkipSign(ReadOnlySpan<byte> text, ref int position)
    {
        if (position < text.Length && text[position] is (byte)'+' or (byte)'-')
        {
            return text[position++] == '-';
        }

        return false;
    }

    /// <summary>Skips <c>0x</c>.</summary>
    /// <param name="text">The text of the number.</param>
    /// <param name="position">Where it may be; afterwards behind it.</param>
    /// <returns>Whether it was there.</returns>
    public static bool SkipHexPrefix(ReadOnlySpan<byte> text, ref int position)
    {
        if (text[position..].StartsWith("0x"u8))
        {
            position += 2;
            return true;
        }

        return false;
    }

    /// <summary>The value of a digit that was checked to be one.</summary>
    /// <param name="digit">Its character.</param>
    /// <returns>0 to 15.</returns>
    public static uint ValueOf(byte digit) =>
        digit <= '9' ? (uint)(digit - '0') : (uint)((digit | 0x20) - 'a' + 10);

    private static bool IsDigit(byte c, bool isHex) =>
        isHex ? char.IsAsciiHexDigit((char)c) : char.IsAsciiDigit((char)c);
}
