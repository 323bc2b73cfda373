using System.Globalization;

namespace Wisp.Host.Telemetry;

/// <summary>A number with a few decimals, to be written without the arithmetic of floating point.</summary>
/// <param name="Scaled">The number without its point: 123 for 1.23. Not negative.</param>
/// <param name="Decimals">Digits behind the point: 1 or 2.</param>
internal readonly record struct DecimalText(long Scaled, int Decimals) : ISpanFormattable
{
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        int unit = Decimals == 1 ? 10 : 100;
        (long whole, long rest) = Math.DivRem(Scaled, unit);
        if (!whole.TryFormat(destination, out charsWritten, default, CultureInfo.InvariantCulture)
            || destination.Length < charsWritten + 1 + Decimals)
        {
            charsWritten = 0;
            return false;
        }

        destination[charsWritten++] = '.';
        if (Decimals == 2)
        {
            destination[charsWritten++] = (char)('0' + (rest / 10));
        }

        destination[charsWritten++] = (char)('0' + (rest % 10));
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{this}");

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
