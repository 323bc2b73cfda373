using System.Text;
using Wisp.Permissions;

namespace Wisp.Host.Bundles;

/// <summary>The names that files of a bundle may have: relative paths that mean the same on every file system.</summary>
internal static class BundleName
{
    private const int MaxBytes = TarHeader.MaxPrefixBytes + 1 + TarHeader.MaxNameBytes;
    private const int MaxDepth = 32;

    /// <summary>Why a name is refused, or null.</summary>
    public static string? FaultOf(string name)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            return "an empty or too long name";
        }

        if (name.StartsWith('/'))
        {
            return $"{GuestText.Quote(name)}: an absolute path";
        }

        if (name.Contains('\\', StringComparison.Ordinal) || name.EnumerateRunes().Any(rune => Rune.IsControl(rune) || rune == Rune.ReplacementChar))
        {
            return $"{GuestText.Quote(name)}: a backslash or a control character in a name";
        }

        string[] parts = name.Split('/');
        if (parts.Length > MaxDepth)
        {
            return $"{GuestText.Quote(name)}: folders nested deeper than {MaxDepth}";
        }

        return parts.Any(part => part is "" or "." or "..")
            ? $"{GuestText.Quote(name)}: a name with . or .. or nothing between its slashes"
            : null;
    }
}
