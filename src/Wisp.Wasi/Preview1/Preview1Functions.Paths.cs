using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

// Creating, removing, renaming and linking names, and asking about them.
internal sealed partial class Preview1Functions
{
    private const uint DirectoryMode = 0x1ff;   // rwxrwxrwx, less the host's umask

    public Errno PathCreateDirectory(GuestMemory memory, uint fd, uint path, uint length)
    {
        Errno error = GetDirectory(fd, Rights.PathCreateDirectory, out DirectoryDescriptor? directory);
        if (error != Errno.Success
            || (error = Parent(memory, directory, path, length, PathOperation.CreateDirectory,
                out ParentDirectory parent)) != Errno.Success)
        {
            return error;
        }

        using (parent)
        {
            return Result(LibC.MkdirAt(parent.Host, in parent.Name[0], DirectoryMode));
        }
    }

    public Errno PathRemoveDirectory(GuestMemory memory, uint fd, uint path, uint length)
    {
        Errno error = GetDirectory(fd, Rights.PathRemoveDirectory, out DirectoryDescriptor? directory);
        if (error != Errno.Success
            || (error = Parent(memory, directory, path, length, PathOperation.RemoveDirectory,
                out ParentDirectory parent)) != Errno.Success)
        {
            return error;
        }

        using (parent)
        {
            return Result(LibC.UnlinkAt(parent.Host, in parent.Name[0], AtFlags.RemoveDirectory));
        }
    }

    public Errno PathUnlinkFile(GuestMemory memory, uint fd, uint path, uint length)
    {
        Errno error = GetDirectory(fd, Rights.PathUnlinkFile, out DirectoryDescriptor? directory);
        if (error != Errno.Success
            || (error = Parent(memory, directory, path, length, PathOperation.Unlink,
                out ParentDirectory parent)) != Errno.Success)
        {
            return error;
        }

        using (parent)
        {
            return Result(LibC.UnlinkAt(parent.Host, in parent.Name[0], 0));
        }
    }

    public Errno PathRename(
        GuestMemory memory, uint fd, uint oldPath, uint oldLength, uint newFd, uint newPath, uint newLength)
    {
        Errno error = GetDirectory(fd, Rights.PathRenameSource, out DirectoryDescriptor? from);
        if (error != Errno.Success
            || (error = GetDirectory(newFd, Rights.PathRenameTarget, out DirectoryDescriptor? to)) != Errno.Success
            || (error = Parent(memory, from, oldPath, oldLength, PathOperation.Rename,
                out ParentDirectory source)) != Errno.Success)
        {
            return error;
        }

        using (source)
        {
            error = Parent(memory, to!, newPath, newLength, PathOperation.RenameTo, out ParentDirectory target);
            if (error != Errno.Success)
            {
                return error;
            }

            using (target)
            {
                return Result(LibC.RenameAt(source.Host, in source.Name[0], target.Host, in target.Name[0]));
            }
        }
    }

    public Errno PathLink(GuestMemory memory, uint oldFd, uint flags, uint oldPath, uint oldLength, uint newFd,
        uint newPath, uint newLength)
    {
        // Following a link here has no use that a guest could not have by asking for its target, and a race of its own.
        if (flags != 0)
        {
            return Errno.Inval;
        }

        // The new name lets the file be written, so the old one must be writable too: else a link from a read-only
        // directory into a writable one would take the lock off.
        Errno error = GetDirectory(oldFd, Rights.PathLinkSource, out DirectoryDescriptor? from);
        if (error != Errno.Success
            || (error = GetDirectory(newFd, Rights.PathLinkTarget, out DirectoryDescriptor? to)) != Errno.Success
            || (error = Parent(memory, from, oldPath, oldLength, PathOperation.Link,
                out ParentDirectory source)) != Errno.Success)
        {
            return error;
        }

        using (source)
        {
            if (source.EndsWithSlash)
            {
                return LinkToDirectory(from, memory, oldPath, oldLength);
            }

            error = Parent(memory, to!, newPath, newLength, PathOperation.LinkTo, out ParentDirectory target);
            if (error != Errno.Success)
            {
                return error;
            }

            using (target)
            {
                return Result(LibC.LinkAt(source.Host, in source.Name[0], target.Host, in target.Name[0], 0));
            }
        }
    }

    public Errno PathSymlink(GuestMemory memory, uint oldPath, uint oldLength, uint fd, uint newPath, uint newLength)
    {
        Errno error = GetDirectory(fd, Rights.PathSymlink, out DirectoryDescriptor? directory);
        if (error != Errno.Success
            || (error = GuestPath.Read(memory, oldPath, oldLength, out GuestPath content)) != Errno.Success)
        {
            return error;
        }

        if (content.IsAbsolute)
        {
            // It would lead nowhere in the guest, and out of the directory for programs of the host.
            _gate.PathEscaped(directory.Grant,
                new PathRequest("path_symlink", "link to", content.ToString(), Callers: Callers, Run: this));
            return Errno.Notcapable;
        }

        error = Parent(memory, directory, newPath, newLength, PathOperation.CreateLink, out ParentDirectory parent);
        if (error != Errno.Success)
        {
            return error;
        }

        using (parent)
        {
            return Result(LibC.SymlinkAt(in content.Terminated[0], parent.Host, in parent.Name[0]));
        }
    }

    public Errno PathReadlink(GuestMemory memory, uint fd, uint path, uint length, uint buffer, uint bufferLength,
        uint used)
    {
        Errno error = GetDirectory(fd, Rights.PathReadlink, out DirectoryDescriptor? directory);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!memory.TrySlice(buffer, bufferLength, out Span<byte> bytes) || !memory.TrySlice(used, sizeof(uint), out _))
        {
            return Errno.Fault;
        }

        error = Lookup(memory, directory, path, length, PathOperation.ReadLink, OpenFlags.Path | OpenFlags.NoFollow,
            out HostDescriptor? link);
        if (error != Errno.Success)
        {
            return error;
        }

        using (link)
        {
            Span<byte> content = stackalloc byte[4096];
            error = HostFile.ReadLink(link!, content, out int count);
            if (error != Errno.Success)
            {
                return error == Errno.Noent ? Errno.Inval : error;   // an empty path of what is no link
            }

            // An absolute target is a path of the host, and of no use to a guest, which cannot follow it.
            if (content[0] == (byte)'/')
            {
                return Errno.Notcapable;
            }

            count = Math.Min(count, bytes.Length);
            content[..count].CopyTo(bytes);
            return Store(memory, used, (uint)count);
        }
    }

    public Errno PathFilestatGet(GuestMemory memory, uint fd, uint flags, uint path, uint length, uint stat)
    {
        Errno error = Stat(memory, fd, flags, path, length, out FileStat found);
        return error == Errno.Success ? WriteFileStat(memory, stat, in found) : error;
    }

    /// <summary>The same with the layout of <c>wasi_unstable</c>.</summary>
    public Errno PathFilestatGetUnstable(GuestMemory memory, uint fd, uint flags, uint path, uint length, uint stat)
    {
        Errno error = Stat(memory, fd, flags, path, length, out FileStat found);
        return error == Errno.Success ? WriteUnstableFileStat(memory, stat, in found) : error;
    }

    public Errno PathFilestatSetTimes(
        GuestMemory memory, uint fd, uint flags, uint path, uint length, ulong atim, ulong mtim, uint timeFlags)
    {
        Errno error = Times(atim, mtim, timeFlags, out TimeSpec access, out TimeSpec modify);
        if (error != Errno.Success
            || (error = GetDirectory(fd, Rights.PathFilestatSetTimes,
                out DirectoryDescriptor? directory)) != Errno.Success
            || (error = Lookup(memory, directory!, path, length, PathOperation.SetTimes, PathFlags(flags),
                out HostDescriptor? found)) != Errno.Success)
        {
            return error;
        }

        using (found)
        {
            return HostFile.SetTimesOfPath(found!, access, modify);
        }
    }

    private Errno Stat(GuestMemory memory, uint fd, uint flags, uint path, uint length, out FileStat stat)
    {
        stat = default;
        Errno error = GetDirectory(fd, Rights.PathFilestatGet, out DirectoryDescriptor? directory);
        if (error != Errno.Success
            || (error = Lookup(memory, directory, path, length, PathOperation.Stat, PathFlags(flags),
                out HostDescriptor? found)) != Errno.Success)
        {
            return error;
        }

        using (found)
        {
            return HostFile.Stat(found!, out stat);
        }
    }

    /// <summary>Opens what a path names, beneath its directory, when the gate lets it.</summary>
    private Errno Lookup(GuestMemory memory, DirectoryDescriptor directory, uint address, uint length,
        PathOperation operation, int flags, out HostDescriptor? found)
    {
        found = null;
        Errno error = GuestPath.Read(memory, address, length, out GuestPath path);
        if (error != Errno.Success)
        {
            return error;
        }

        PathRequest request = Request(directory, operation, in path);
        if (!_gate.AllowPath(directory.Grant, operation.Writes, in request))
        {
            return Errno.Rofs;
        }

        int failure = PathResolver.Open(directory.Host, path.Terminated, flags, 0, out found);
        return failure == 0 ? Errno.Success : Refused(failure, directory, in request);
    }

    /// <summary>Resolves the directory that holds the last component of a path, when the gate lets it.</summary>
    private Errno Parent(GuestMemory memory, DirectoryDescriptor directory, uint address, uint length,
        PathOperation operation, out ParentDirectory parent)
    {
        parent = default;
        Errno error = GuestPath.Read(memory, address, length, out GuestPath path);
        if (error != Errno.Success)
        {
            return error;
        }

        PathRequest request = Request(directory, operation, in path);
        if (!_gate.AllowPath(directory.Grant, operation.Writes, in request))
        {
            return Errno.Rofs;
        }

        error = ParentDirectory.Resolve(directory.Host, path, operation, out parent, out bool escaped);
        if (escaped)
        {
            _gate.PathEscaped(directory.Grant, in request);
        }

        return error;
    }

    /// <summary>The error of a path that could not be resolved; one that leads out of its directory is
    /// reported.</summary>
    private Errno Refused(int failure, DirectoryDescriptor directory, in PathRequest request)
    {
        if (failure != LinuxError.CrossDevice)
        {
            return LinuxErrno.ToWasi(failure);
        }

        _gate.PathEscaped(directory.Grant, in request);
        return Errno.Notcapable;
    }

    // Directories have no hard links. Which error that is depends on whether there is one.
    private Errno LinkToDirectory(DirectoryDescriptor from, GuestMemory memory, uint path, uint length)
    {
        Errno error = Lookup(memory, from, path, length, PathOperation.Link,
            OpenFlags.Path | OpenFlags.NoFollow | OpenFlags.Directory, out HostDescriptor? found);
        found?.Dispose();
        return error == Errno.Success ? Errno.Perm : error;
    }

    private PathRequest Request(DirectoryDescriptor directory, PathOperation operation, in GuestPath path) =>
        new(operation.Function, operation.Verb, directory.PathOf(path.ToString()), Callers: Callers, Run: this);

    private static int PathFlags(uint lookupFlags) =>
        OpenFlags.Path | ((lookupFlags & (uint)LookupFlags.SymlinkFollow) != 0 ? 0 : OpenFlags.NoFollow);

    private static Errno Result(int result) => result < 0 ? HostFile.LastError() : Errno.Success;
}
