using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

// Opening files and directories, and listing directories.
internal sealed partial class Preview1Functions
{
    private const uint FileMode = 0x1b6;   // rw-rw-rw-, less the host's umask

    public Errno PathOpen(GuestMemory memory, uint fd, uint dirflags, uint path, uint length, uint oflags,
        ulong rightsBase, ulong rightsInheriting, uint fdflags, uint opened)
    {
        if ((oflags & ~(uint)OFlags.All) != 0 || (fdflags & ~(uint)FdFlags.All) != 0
            || (dirflags & ~(uint)LookupFlags.SymlinkFollow) != 0)
        {
            return Errno.Inval;
        }

        OFlags how = (OFlags)oflags;
        Rights needed = Rights.PathOpen
            | ((how & OFlags.Create) != 0 ? Rights.PathCreateFile : 0)
            | ((how & OFlags.Truncate) != 0 ? Rights.PathFilestatSetSize : 0);
        Errno error = GetDirectory(fd, needed, out DirectoryDescriptor? directory);
        if (error != Errno.Success)
        {
            return error;
        }

        // Programs ask for rights that no descriptor has, for want of a better value: only known ones count.
        Rights rights = (Rights)rightsBase & Rights.All;
        if ((rights & ~directory.RightsInheriting) != 0)
        {
            return Errno.Notcapable;
        }

        if (!memory.TrySlice(opened, sizeof(uint), out _))
        {
            return Errno.Fault;
        }

        OpenRequest request = new(
            how, rights, (Rights)rightsInheriting & directory.RightsInheriting, (FdFlags)fdflags,
            Follow: (dirflags & (uint)LookupFlags.SymlinkFollow) != 0);
        error = Open(memory, directory, path, length, in request, out Descriptor? descriptor);
        if (error != Errno.Success)
        {
            return error;
        }

        return _descriptors.TryAdd(descriptor!, out uint number) ? Store(memory, opened, number) : Errno.Mfile;
    }

    public Errno FdReaddir(GuestMemory memory, uint fd, uint buffer, uint length, ulong cookie, uint used)
    {
        Errno error = GetDirectory(fd, Rights.FdReaddir, out DirectoryDescriptor? directory);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!memory.TrySlice(buffer, length, out Span<byte> bytes) || !memory.TrySlice(used, sizeof(uint), out _))
        {
            return Errno.Fault;
        }

        DirectoryReader reader = new(directory.Host, stackalloc byte[DirectoryReader.BufferLength]);
        if ((error = reader.Seek(cookie)) != Errno.Success)
        {
            return error;
        }

        int count = 0;
        while (count < bytes.Length)
        {
            error = reader.Next(out DirectoryEntry entry);
            if (error != Errno.Success)
            {
                return error;
            }

            if (entry.Name.IsEmpty)
            {
                break;
            }

            count += WriteEntry(bytes[count..], in entry);
        }

        return Store(memory, used, (uint)count);
    }

    // An entry that does not fit is cut: a full buffer tells the guest to come back with the cookie of the last whole
    // one.
    private static int WriteEntry(Span<byte> to, in DirectoryEntry entry)
    {
        // What ".." of a granted directory is does not concern the guest.
        ulong inode = entry.Name.SequenceEqual(".."u8) ? 0 : entry.Inode;
        Span<byte> head = stackalloc byte[Layouts.DirentBytes];
        Layouts.WriteDirent(head, in entry, inode);
        int headBytes = Math.Min(head.Length, to.Length);
        head[..headBytes].CopyTo(to);
        to = to[headBytes..];
        int nameBytes = Math.Min(entry.Name.Length, to.Length);
        entry.Name[..nameBytes].CopyTo(to);
        return headBytes + nameBytes;
    }

    /// <summary>What <c>path_open</c> is to open, and as what.</summary>
    private readonly record struct OpenRequest(OFlags How, Rights Base, Rights Inheriting, FdFlags Flags, bool Follow)
    {
        private const Rights ReadRights = Rights.FdRead | Rights.FdReaddir;
        private const Rights WriteRights = Rights.FdWrite | Rights.FdAllocate | Rights.FdFilestatSetSize;

        /// <summary>Whether something on the disk may change by it.</summary>
        public bool Changes => (Base & WriteRights) != 0 || (How & (OFlags.Create | OFlags.Truncate)) != 0;

        // Non-blocking, so that no thread waits in opening or reading a named pipe; regular files do not care.
        public int HostFlags => Access()
            | OpenFlags.NoCTty | OpenFlags.NonBlock
            | (Follow ? 0 : OpenFlags.NoFollow)
            | ((How & OFlags.Create) != 0 ? OpenFlags.Create : 0)
            | ((How & OFlags.Directory) != 0 ? OpenFlags.Directory : 0)
            | ((How & OFlags.Exclusive) != 0 ? OpenFlags.Exclusive : 0)
            | ((How & OFlags.Truncate) != 0 ? OpenFlags.Truncate : 0)
            | ((Flags & FdFlags.Append) != 0 ? OpenFlags.Append : 0)
            | ((Flags & FdFlags.DSync) != 0 ? OpenFlags.DataSync : 0)
            | ((Flags & (FdFlags.Sync | FdFlags.RSync)) != 0 ? OpenFlags.Sync : 0);

        private int Access()
        {
            if ((Base & WriteRights) == 0)
            {
                return OpenFlags.ReadOnly;
            }

            return (Base & ReadRights) != 0 ? OpenFlags.ReadWrite : OpenFlags.WriteOnly;
        }
    }

    private Errno Open(GuestMemory memory, DirectoryDescriptor directory, uint address, uint length, in OpenRequest how,
        out Descriptor? descriptor)
    {
        descriptor = null;
        Errno error = GuestPath.Read(memory, address, length, out GuestPath path);
        if (error != Errno.Success)
        {
            return error;
        }

        PathOperation operation = how.Changes ? PathOperation.OpenToWrite : PathOperation.OpenToRead;
        PathRequest request = Request(directory, operation, in path) with
        {
            Purpose = how.Changes ? "for writing" : "for reading",
        };
        if (!_gate.AllowPath(directory.Grant, operation.Writes, in request))
        {
            return Errno.Rofs;
        }

        int failure = PathResolver.Open(directory.Host, path.Terminated, how.HostFlags, FileMode,
            out HostDescriptor? host);
        return failure == 0
            ? Describe(host!, directory, in how, request.GuestPath, out descriptor)
            : Refused(failure, directory, in request);
    }

    /// <summary>Makes a descriptor of what was opened, with the rights that its kind can have.</summary>
    private static Errno Describe(HostDescriptor host, DirectoryDescriptor directory, in OpenRequest how,
        string guestPath, out Descriptor? descriptor)
    {
        descriptor = null;
        Errno error = HostFile.Stat(host, out FileStat stat);
        if (error != Errno.Success)
        {
            host.Dispose();
            return error;
        }

        Rights possible = stat.Type switch
        {
            FileType.Directory => Rights.Directory,
            FileType.RegularFile => Rights.File,
            _ => Rights.File | Rights.Stream,
        };
        descriptor = stat.Type == FileType.Directory
            ? new DirectoryDescriptor(
                host, how.Base & possible, how.Inheriting, how.Flags, directory.Grant, guestPath, preopenName: null)
            : new FileDescriptor(
                host, stat.Type, how.Base & possible, how.Inheriting, how.Flags, directory.Grant, guestPath);
        return Errno.Success;
    }
}
