namespace Wisp.Wasm.Text;

/// <summary>Writes bytes as the inside of a string.</summary>
internal static class TextEscapes
{
    /// <summary>Writes bytes; all but printable ASCII as <c>\hh</c>.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="bytes">The bytes.</param>
    public static void Write(TextWriter to, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\')
            {
                to.Write((char)b);
            }
            else
            {
                to.Write('\\');
                to.Write(HexDigit(b >> 4));
                to.Write(HexDigit(b & 15));
            }
        }
    }

    private static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'a' + value - 10);
}
