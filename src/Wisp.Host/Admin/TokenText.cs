using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Wisp.Host.Admin;

// token = "wisp_" 43*43( base64url )       256 random bits
//
// What is random to that degree cannot be guessed from its hash, so a plain SHA-256 keeps it; the slow hashes for passwords would only make requests
// slow. The prefix lets scanners find tokens that were committed by mistake.

/// <summary>The text of a token.</summary>
internal static class TokenText
{
    public const string Prefix = "wisp_";

    private const int RandomBytes = 32;
    private const int Length = 5 + 43;

    private static readonly SearchValues<char> Characters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Whether a text has the form of a token.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal)
        && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Characters);

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
