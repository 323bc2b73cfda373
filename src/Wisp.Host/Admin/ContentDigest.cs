using System.Security.Cryptography;

namespace Wisp.Host.Admin;

// Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-512=:…:
//
// https://www.rfc-editor.org/rfc/rfc9530#section-2: a dictionary of structured fields (RFC 8941) whose values are byte sequences. Algorithms
// other than SHA-256 are read over; ours must be there once.

/// <summary>Reads and writes the header that says what a body must be.</summary>
internal static class ContentDigest
{
    public const string Header = "Content-Digest";

    private const string Start = "sha-256=:";

    public static string Of(ReadOnlySpan<byte> digest) => $"{Start}{Convert.ToBase64String(digest)}:";

    /// <summary>Reads the SHA-256 of a body.</summary>
    public static bool TryRead(string? header, out byte[] digest)
    {
        digest = new byte[SHA256.HashSizeInBytes];
        string[] ours = [.. (header ?? string.Empty).Split(',', StringSplitOptions.TrimEntries)
            .Where(part => part.StartsWith("sha-256=", StringComparison.Ordinal))];
        return ours is [string one] && one.StartsWith(Start, StringComparison.Ordinal) && one.Length > Start.Length && one.EndsWith(':')
            && Convert.TryFromBase64String(one[Start.Length..^1], digest, out int length) && length == digest.Length;
    }
}
