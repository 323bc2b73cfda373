using System.Text;
using Microsoft.Net.Http.Headers;

namespace Wisp.Host;

// Content-Length = 1*DIGIT   https://www.rfc-editor.org/rfc/rfc9110#section-8.6
//
// Kestrel reads the number as .NET reads numbers, so "+5" would be 5: not what a proxy in front of it must think. It lets us choose
// how the bytes of a header become characters. Here a byte that is no digit becomes one that no number has; the answer is 400.

/// <summary>Decodes what holds digits alone, as digits; anything else as something that is no number.</summary>
internal sealed class DigitsEncoding : Encoding
{
    private const int MostDigits = 19;   // of a long
    private const char NoDigit = '?';

    private static readonly DigitsEncoding Instance = new();

    /// <summary>The encoding of a request's header; null for the usual one.</summary>
    public static Encoding? Select(string header) =>
        header.Length == HeaderNames.ContentLength.Length && header.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase)
            ? Instance
            : null;

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        bool isNumber = bytes.Length is > 0 and <= MostDigits && !bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        if (!isNumber)
        {
            chars[0] = NoDigit;
            return 1;
        }

        return ASCII.GetChars(bytes, chars);
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => Math.Max(1, count);

    public override int GetMaxCharCount(int byteCount) => Math.Max(1, byteCount);

    public override int GetByteCount(char[] chars, int index, int count) => ASCII.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetMaxByteCount(int charCount) => ASCII.GetMaxByteCount(charCount);
}
