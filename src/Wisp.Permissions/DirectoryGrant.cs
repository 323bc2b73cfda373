using System.Diagnostics.CodeAnalysis;

namespace Wisp.Permissions;

/// <summary>What a program may do beneath a granted directory.</summary>
public enum DirectoryAccess
{
    /// <summary>Read files and list directories; nothing on the disk changes.</summary>
    ReadOnly,

    /// <summary>Also create, write, rename, link, remove, and set times.</summary>
    ReadWrite,
}

/// <summary>One directory of the host that a program sees under a path of its own.</summary>
/// <param name="HostPath">Path on the host, absolute or relative to the working directory. Never shown to the
/// program.</param>
/// <param name="GuestPath">The name under which the program finds it, for example <c>/data</c>.</param>
/// <param name="Access">Read-only, or read and write.</param>
public sealed record DirectoryGrant(string HostPath, string GuestPath, DirectoryAccess Access)
{
    private const string Separator = "::";
    private const string ReadOnlySuffix = ":ro";
    private const string ReadWriteSuffix = ":rw";

    /// <summary>A folder above <see cref="HostPath"/> below which no step of the path may be a link; null where links may be followed, as on a
    /// command line. A server sets it: what one program may write, the path of another may lead through.</summary>
    public string? LinkFreeBelow { get; init; }

    /// <summary>The argument of <c>--dir</c> that grants this.</summary>
    public string Flag => HostPath + Separator + GuestPath + (Access == DirectoryAccess.ReadOnly ? ReadOnlySuffix : "");

    /// <summary>Reads the argument of <c>--dir</c>: <c>HOST</c>, <c>HOST::GUEST</c>, each with <c>:ro</c> or
    /// <c>:rw</c> or nothing.</summary>
    /// <param name="text">The argument. <c>HOST</c> alone is seen under the same name, as in Wasmtime.</param>
    /// <param name="grant">The grant, when the result is true.</param>
    /// <param name="error">Why the text is none, when the result is false.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out DirectoryGrant? grant, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        grant = null;
        DirectoryAccess access = DirectoryAccess.ReadWrite;
        string rest = text;
        if (rest.EndsWith(ReadOnlySuffix, StringComparison.Ordinal))
        {
            access = DirectoryAccess.ReadOnly;
            rest = rest[..^ReadOnlySuffix.Length];
        }
        else if (rest.EndsWith(ReadWriteSuffix, StringComparison.Ordinal))
        {
            rest = rest[..^ReadWriteSuffix.Length];
        }

        int separator = rest.IndexOf(Separator, StringComparison.Ordinal);
        string host = separator < 0 ? rest : rest[..separator];
        string guest = separator < 0 ? rest : rest[(separator + Separator.Length)..];
        if (host.Length == 0 || guest.Length == 0 || text.Contains('\0'))
        {
            error = $"--dir {GuestText.Quote(text)}: expected HOST, HOST::GUEST, HOST:ro or HOST::GUEST:ro";
            return false;
        }

        grant = new DirectoryGrant(host, guest, access);
        error = null;
        return true;
    }
}
