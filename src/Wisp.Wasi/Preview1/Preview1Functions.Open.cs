using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

// Opening files and directories, and listing directories.
internal sealed partial class Preview1Functions
{
    private const uint FileMode = 0x1b6;   // rw-rw-rw-, less the host's umask
    private const Rights ReadRights = Rights.FdRead | Rights.FdReaddir;
    private const Rights WriteRights = Rights.FdWrite | Rights.FdAllocate | Rights.FdFilestatSetSize;

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

        bool follow = (dirflags & (uint)LookupFlags.SymlinkFollow) != 0;
        error = Open(memory, directory, follow, path, length, how, rights, (FdFlags)fdflags, out HostDescriptor? host,
            out string name);
        if (error != Errno.Success)
        {
            return error;
        }

        error = Describe(host!, directory, rights, (Rights)rightsInheriting & directory.RightsInheriting,
            (FdFlags)fdflags, name, out Descriptor? descriptor);
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

    private Errno Open(GuestMemory memory, DirectoryDescriptor directory, bool follow, uint address, uint length,
        OFlags how, Rights rights, FdFlags fdflags, out HostDescriptor? host, out string name)
    {
        host = null;
        name = "";
        Errno error = GuestPath.Read(memory, address, length, out GuestPath path);
        if (error != Errno.Success)
        {
            return error;
        }

        bool reads = (rights & ReadRights) != 0;
        bool writes = (rights & WriteRights) != 0;
        bool changes = writes || (how & (OFlags.Create | OFlags.Truncate)) != 0;
        name = directory.PathOf(path.ToString());
        PathRequest request = new("path_open", "open", name, changes ? "for writing" : "for reading", Callers);
        if (!_gate.AllowPath(directory.Grant, changes, in request))
        {
            return Errno.Rofs;
        }

        // Non-blocking, so that no thread waits in opening or reading a named pipe; regular files do not care.
        int flags = (writes ? (reads ? OpenFlags.ReadWrite : OpenFlags.WriteOnly) : OpenFlags.ReadOnly)
            | OpenFlags.NoCTty | OpenFlags.NonBlock
            | (follow ? 0 : OpenFlags.NoFollow)
            | ((how & OFlags.Create) != 0 ? OpenFlags.Create : 0)
            | ((how & OFlags.Directory) != 0 ? OpenFlags.Directory : 0)
            | ((how & OFlags.Exclusive) != 0 ? OpenFlags.Exclusive : 0)
            | ((how & OFlags.Truncate) != 0 ? OpenFlags.Truncate : 0)
            | ((fdflags & FdFlags.Append) != 0 ? OpenFlags.Append : 0)
            | ((fdflags & FdFlags.DSync) != 0 ? OpenFlags.DataSync : 0)
            | ((fdflags & (FdFlags.Sync | FdFlags.RSync)) != 0 ? OpenFlags.Sync : 0);
        int failure = PathResolver.Open(directory.Host, path.Terminated, flags, FileMode, out host);
        return failure == 0 ? Errno.Success : Refused(failure, directory, in request);
    }

    /// <summary>Makes a descriptor of what was opened, with the rights that its kind can have.</summary>
    private static Errno Describe(HostDescriptor host, DirectoryDescriptor directory, Rights rights, Rights inheriting,
        FdFlags flags, string name, out Descriptor? descriptor)
    {
        descriptor = null;
        Errno error = HostFile.Stat(host, out FileStat stat);
        if (error != Errno.Success)
        {
            host.Dispose();
            return error;
        }

        descriptor = stat.Type switch
        {
            FileType.Directory => new DirectoryDescriptor(
                host, rights & Rights.Directory, inheriting, flags, directory.Grant, name, preopenName: null),
            FileType.RegularFile => new FileDescriptor(
                host, stat.Type, rights & Rights.File, inheriting, flags, directory.Grant, name),
            _ => new FileDescriptor(
                host, stat.Type, rights & (Rights.File | Rights.Stream), inheriting, flags, directory.Grant, name),
        };
        return Errno.Success;
    }
}
