using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>An open directory, preopened or opened by the guest.</summary>
internal sealed class DirectoryDescriptor(
    HostDescriptor host, Rights rights, Rights inheriting, FdFlags flags, DirectoryGrant grant, string guestPath,
        byte[]? preopenName)
    : Descriptor(FileType.Directory, rights, inheriting, flags)
{
    private const int MaxPathLength = 8192;

    public HostDescriptor Host => host;

    /// <summary>The grant through which it was opened.</summary>
    public DirectoryGrant Grant => grant;

    public string GuestPath => guestPath;

    /// <summary>The name of a preopened directory; null for one that the guest opened.</summary>
    public byte[]? PreopenName => preopenName;

    public override Errno TryRead(Span<byte> buffer, out int count)
    {
        count = 0;
        return Errno.Isdir;
    }

    public override Errno Stat(out FileStat stat) => HostFile.Stat(host, out stat);

    /// <summary>The path of something in this directory, as the guest sees it, for denials and the audit.</summary>
    /// <remarks>A guest may open "." in "." for ever, so of a long path only the end is kept.</remarks>
    public string PathOf(string name)
    {
        if (name.StartsWith('/') || guestPath == ".")
        {
            return name;
        }

        string path = guestPath.EndsWith('/') ? guestPath + name : guestPath + "/" + name;
        return path.Length <= MaxPathLength ? path : string.Concat("...", path.AsSpan(path.Length - MaxPathLength + 3));
    }

    protected override void Close() => host.Dispose();
}
