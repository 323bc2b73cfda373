namespace Wisp.Wasm.Text;

// Integers   https://webassembly.github.io/spec/core/text/values.html#integers
//   uN ::= num | '0x' hexnum             below 2^N
//   sN ::= sign? uN                      -2^(N-1) up to 2^(N-1) - 1
//   iN ::= uN | sN                       so -1 and 0xffff_ffff are the same i32

/// <summary>Reads integers.</summary>
internal static class IntegerText
{
    /// <summary>Reads an integer whose sign is of no importance.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bits">Its width: 8, 16, 32 or 64.</param>
    /// <param name="value">The number in two's complement, upper bits zero.</param>
    /// <returns>Whether it was read, and if not, why.</returns>
    public static NumberStatus TryParse(ReadOnlySpan<byte> text, int bits, out ulong value)
    {
        value = 0;
        int position = 0;
        bool isNegative = DigitScanner.SkipSign(text, ref position);
        bool isSigned = position != 0;
        NumberStatus status = TryParseMagnitude(text, position, out ulong magnitude);
        if (status != NumberStatus.Ok)
        {
            return status;
        }

        ulong mask = ulong.MaxValue >> (64 - bits);
        ulong signBit = 1UL << (bits - 1);
        ulong limit = !isSigned ? mask : isNegative ? signBit : signBit - 1;
        if (magnitude > limit)
        {
            return NumberStatus.OutOfRange;
        }

        value = (isNegative ? 0 - magnitude : magnitude) & mask;
        return NumberStatus.Ok;
    }

    /// <summary>Reads an integer without a sign.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bits">Its width.</param>
    /// <param name="value">The number.</param>
    /// <returns>Whether it was read, and if not, why.</returns>
    public static NumberStatus TryParseUnsigned(ReadOnlySpan<byte> text, int bits, out ulong value)
    {
        NumberStatus status = TryParseMagnitude(text, 0, out value);
        return status == NumberStatus.Ok && value > ulong.MaxValue >> (64 - bits) ? NumberStatus.OutOfRange : status;
    }

    private static NumberStatus TryParseMagnitude(ReadOnlySpan<byte> text, int position, out ulong magnitude)
    {
        magnitude = 0;
        bool isHex = DigitScanner.SkipHexPrefix(text, ref position);
        int start = position;
        if (!DigitScanner.TrySkip(text, ref position, isHex) || position != text.Length)
        {
            return NumberStatus.Malformed;
        }

        uint radix = isHex ? 16u : 10u;
        foreach (byte digit in text[start..])
        {
            if (digit == '_')
            {
                continue;
            }

            UInt128 next = ((UInt128)magnitude * radix) + DigitScanner.ValueOf(digit);
            if (next > ulong.MaxValue)
            {
                return NumberStatus.OutOfRange;
            }

            magnitude = (ulong)next;
        }

        return NumberStatus.Ok;
    }
}
