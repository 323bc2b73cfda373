using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>An open file, or a pipe or device with a name in a granted directory.</summary>
internal sealed class FileDescriptor(
    HostDescriptor host, FileType type, Rights rights, Rights inheriting, FdFlags flags, DirectoryGrant grant,
        string guestPath)
    : Descriptor(type, rights, inheriting, flags)
{
    private const FdFlags Settable = FdFlags.Append | FdFlags.NonBlock;

    public HostDescriptor Host => host;

    /// <summary>The grant through which it was opened.</summary>
    public DirectoryGrant Grant => grant;

    public string GuestPath => guestPath;

    private bool IsRegular => Type == FileType.RegularFile;

    public override Errno TryRead(Span<byte> buffer, out int count) => HostFile.Read(host, buffer, out count);

    public override Errno TryWrite(ReadOnlySpan<byte> bytes, out int count) => HostFile.Write(host, bytes, out count);

    public override bool IsReady(bool write, out ulong bytes, out bool hangUp)
    {
        bytes = 0;
        hangUp = false;
        if (!IsRegular)
        {
            return HostFile.IsReady(host, write);
        }

        if (!write && HostFile.Stat(host, out FileStat stat) == Errno.Success
            && HostFile.Seek(host, 0, (int)Whence.Current, out ulong position) == Errno.Success)
        {
            bytes = stat.Size > position ? stat.Size - position : 0;
        }

        return true;
    }

    public override ValueTask WaitAsync(bool write, CancellationToken cancellationToken) =>
        ReadinessPoller.Shared.WaitAsync(host, write, cancellationToken);

    public override Errno Stat(out FileStat stat) => HostFile.Stat(host, out stat);

    public override Errno SetFlags(FdFlags flags)
    {
        // The kernel cannot change how writes are synchronized after opening.
        if ((flags & ~Settable) != (Flags & ~Settable))
        {
            return Errno.Notsup;
        }

        // The host's descriptor is always non-blocking, so that no thread waits in it: only the guest's flag changes.
        Errno error = HostFile.SetFlags(host,
            OpenFlags.NonBlock | ((flags & FdFlags.Append) != 0 ? OpenFlags.Append : 0));
        Flags = error == Errno.Success ? flags : Flags;
        return error;
    }

    protected override void Close() => host.Dispose();
}
