using System.Globalization;
using System.Numerics;

namespace Wisp.Wasm.Text;

// Floating point   https://webassembly.github.io/spec/core/text/values.html#floating-point
//   fN       ::= sign? fNmag
//   fNmag    ::= float | hexfloat | 'inf' | 'nan' | 'nan:0x' hexnum
//   float    ::= num ('.' num?)? (('e' | 'E') sign? num)?
//   hexfloat ::= '0x' hexnum ('.' hexnum?)? (('p' | 'P') sign? num)?
// Rounded to the nearest value, ties to even; a number that would round to infinity is out of range.

/// <summary>Reads floating-point numbers into their bits.</summary>
internal static class FloatText
{
    // An exponent beyond this rounds to zero or infinity with any mantissa that fits in memory.
    private const long ExponentBound = 1L << 40;

    /// <summary>Reads an f32.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bits">Its bits.</param>
    /// <returns>Whether it was read, and if not, why.</returns>
    public static NumberStatus TryParseSingle(ReadOnlySpan<byte> text, out uint bits)
    {
        NumberStatus status = TryParse(text, FloatFormat.Single, out ulong wide);
        bits = (uint)wide;
        return status;
    }

    /// <summary>Reads an f64.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bits">Its bits.</param>
    /// <returns>Whether it was read, and if not, why.</returns>
    public static NumberStatus TryParseDouble(ReadOnlySpan<byte> text, out ulong bits) =>
        TryParse(text, FloatFormat.Double, out bits);

    private static NumberStatus TryParse(ReadOnlySpan<byte> text, FloatFormat format, out ulong bits)
    {
        int position = 0;
        ulong sign = DigitScanner.SkipSign(text, ref position) ? format.SignBit : 0;
        NumberStatus status = TryParseMagnitude(text[position..], format, out bits);
        bits |= sign;
        return status;
    }

    private static NumberStatus TryParseMagnitude(ReadOnlySpan<byte> text, FloatFormat format, out ulong bits)
    {
        bits = format.Infinity;
        if (text.SequenceEqual("inf"u8))
        {
            return NumberStatus.Ok;
        }

        if (text.SequenceEqual("nan"u8))
        {
            bits = format.Infinity | format.QuietBit;
            return NumberStatus.Ok;
        }

        if (text.StartsWith("nan:0x"u8))
        {
            NumberStatus status = IntegerText.TryParseUnsigned(text[4..], 64, out ulong payload);
            bits = format.Infinity | payload;
            return status == NumberStatus.Ok && (payload == 0 || payload >= format.ImplicitBit)
                ? NumberStatus.OutOfRange : status;
        }

        int position = 0;
        bool isHex = DigitScanner.SkipHexPrefix(text, ref position);
        if (!TryScan(text, position, isHex, out int mantissaEnd))
        {
            return NumberStatus.Malformed;
        }

        return isHex
            ? ParseHex(text[position..mantissaEnd], ParseExponent(text, mantissaEnd), format, out bits)
            : ParseDecimal(text, format, out bits);
    }

    // Checks the format and finds where the mantissa ends.
    private static bool TryScan(ReadOnlySpan<byte> text, int position, bool isHex, out int mantissaEnd)
    {
        mantissaEnd = 0;
        if (!DigitScanner.TrySkip(text, ref position, isHex))
        {
            return false;
        }

        if (position < text.Length && text[position] == '.')
        {
            position++;
            bool hasFraction = position < text.Length && !IsExponentMark(text[position], isHex);
            if (hasFraction && !DigitScanner.TrySkip(text, ref position, isHex))
            {
                return false;
            }
        }

        mantissaEnd = position;
        if (position == text.Length)
        {
            return true;
        }

        if (!IsExponentMark(text[position++], isHex))
        {
            return false;
        }

        DigitScanner.SkipSign(text, ref position);
        return DigitScanner.TrySkip(text, ref position, isHex: false) && position == text.Length;
    }

    private static bool IsExponentMark(byte c, bool isHex) => (c | 0x20) == (isHex ? 'p' : 'e');

    private static long ParseExponent(ReadOnlySpan<byte> text, int position)
    {
        if (position == text.Length)
        {
            return 0;
        }

        position++;
        bool isNegative = DigitScanner.SkipSign(text, ref position);
        long exponent = 0;
        foreach (byte c in text[position..])
        {
            if (c != '_' && exponent < ExponentBound)
            {
                exponent = (exponent * 10) + DigitScanner.ValueOf(c);
            }
        }

        return isNegative ? -exponent : exponent;
    }

    // The library rounds correctly whatever the number of digits; only underscores must go.
    private static NumberStatus ParseDecimal(ReadOnlySpan<byte> text, FloatFormat format, out ulong bits)
    {
        Span<byte> plain = text.Length <= 128 ? stackalloc byte[128] : new byte[text.Length];
        int length = 0;
        foreach (byte c in text)
        {
            if (c != '_')
            {
                plain[length++] = c;
            }
        }

        plain = plain[..length];
        bits = format.IsDouble
            ? BitConverter.DoubleToUInt64Bits(double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture))
            : BitConverter.SingleToUInt32Bits(float.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture));
        return bits == format.Infinity ? NumberStatus.OutOfRange : NumberStatus.Ok;
    }

    // Keeps the first 64 bits of the mantissa and one sticky bit for all that follow.
    private static NumberStatus ParseHex(
        ReadOnlySpan<byte> digits, long exponent, FloatFormat format, out ulong bits)
    {
        ulong mantissa = 0;
        bool sticky = false;
        bool inFraction = false;
        foreach (byte c in digits)
        {
            if (c == '_')
            {
                continue;
            }

            if (c == '.')
            {
                inFraction = true;
                continue;
            }

            uint digit = DigitScanner.ValueOf(c);
            if (mantissa >> 60 == 0)
            {
                mantissa = (mantissa << 4) | digit;
                exponent -= inFraction ? 4 : 0;
            }
            else
            {
                sticky |= digit != 0;
                exponent += inFraction ? 0 : 4;
            }
        }

        bits = Round(mantissa, sticky, exponent, format);
        return bits >= format.Infinity ? NumberStatus.OutOfRange : NumberStatus.Ok;
    }

    // The value is mantissa * 2^exponent, plus something smaller than the lowest bit when sticky.
    private static ulong Round(ulong mantissa, bool sticky, long exponent, FloatFormat format)
    {
        if (mantissa == 0)
        {
            return 0;
        }

        int leading = BitOperations.LeadingZeroCount(mantissa);
        mantissa <<= leading;
        long unbiased = exponent - leading + 63;
        if (unbiased > format.Bias)
        {
            return format.Infinity;
        }

        long smallest = 1 - format.Bias;
        long shift = 64 - format.Precision + Math.Max(0, smallest - unbiased);
        if (shift > 64)
        {
            return 0;   // less than half of the smallest subnormal
        }

        ulong kept = shift == 64 ? 0 : mantissa >> (int)shift;
        ulong rest = shift == 64 ? mantissa : mantissa & ((1UL << (int)shift) - 1);
        ulong half = 1UL << (int)(shift - 1);
        if (rest > half || (rest == half && (sticky || (kept & 1) != 0)))
        {
            kept++;
        }

        // Of a normal number, kept holds the implicit bit, so one less goes into the exponent. A carry out of the
        // mantissa lands in the exponent, which is what rounding up to the next power of two means.
        ulong biasedLessOne = unbiased < smallest ? 0 : (ulong)(unbiased + format.Bias - 1);
        return (biasedLessOne << (format.Precision - 1)) + kept;
    }

    private readonly record struct FloatFormat(int Precision, int Bias, bool IsDouble)
    {
        public static readonly FloatFormat Single = new(24, 127, false);
        public static readonly FloatFormat Double = new(53, 1023, true);

        public ulong ImplicitBit => 1UL << (Precision - 1);

        public ulong QuietBit => 1UL << (Precision - 2);

        public ulong Infinity => ((2 * (ulong)Bias) + 1) << (Precision - 1);

        public ulong SignBit => IsDouble ? 1UL << 63 : 1UL << 31;
    }
}
