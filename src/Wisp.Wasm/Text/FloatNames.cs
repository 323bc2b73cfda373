using System.Globalization;

namespace Wisp.Wasm.Text;

/// <summary>Writes floating-point numbers so that reading them gives the same bits.</summary>
internal static class FloatNames
{
    /// <summary>The text of an f32.</summary>
    /// <param name="bits">Its bits.</param>
    /// <returns>The shortest decimal number, or <c>inf</c> or <c>nan</c> with its payload.</returns>
    public static string OfSingle(uint bits)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        return float.IsFinite(value)
            ? value.ToString("R", CultureInfo.InvariantCulture)
            : Special(bits >> 31 != 0, bits & 0x7f_ffff, 0x40_0000);
    }

    /// <summary>The text of an f64.</summary>
    /// <param name="bits">Its bits.</param>
    /// <returns>The shortest decimal number, or <c>inf</c> or <c>nan</c> with its payload.</returns>
    public static string OfDouble(ulong bits)
    {
        double value = BitConverter.UInt64BitsToDouble(bits);
        return double.IsFinite(value)
            ? value.ToString("R", CultureInfo.InvariantCulture)
            : Special(bits >> 63 != 0, bits & 0xf_ffff_ffff_ffff, 0x8_0000_0000_0000);
    }

    private static string Special(bool isNegative, ulong payload, ulong canonical)
    {
        string magnitude = payload == 0 ? "inf" : payload == canonical ? "nan" : $"nan:0x{payload:x}";
        return isNegative ? "-" + magnitude : magnitude;
    }
}
