using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

// What holds for each kind of descriptor: closing, renumbering, rights, flags, attributes, preopens.
internal sealed partial class Preview1Functions
{
    public Errno FdClose(GuestMemory memory, uint fd) => _descriptors.TryClose(fd) ? Errno.Success : Errno.Badf;

    public Errno FdRenumber(GuestMemory memory, uint fd, uint to) =>
        _descriptors.TryRenumber(fd, to) ? Errno.Success : Errno.Badf;

    public Errno FdFdstatGet(GuestMemory memory, uint fd, uint stat)
    {
        if (!_descriptors.TryGet(fd, out Descriptor? descriptor))
        {
            return Errno.Badf;
        }

        if (!memory.TrySlice(stat, Layouts.FdStatBytes, out Span<byte> bytes))
        {
            return Errno.Fault;
        }

        Layouts.WriteFdStat(bytes, descriptor.Type, descriptor.Flags, descriptor.RightsBase,
            descriptor.RightsInheriting);
        return Errno.Success;
    }

    public Errno FdFdstatSetFlags(GuestMemory memory, uint fd, uint flags)
    {
        if ((flags & ~(uint)FdFlags.All) != 0)
        {
            return Errno.Inval;
        }

        Errno error = Get(fd, Rights.FdFdstatSetFlags, out Descriptor descriptor);
        return error == Errno.Success ? descriptor.SetFlags((FdFlags)flags) : error;
    }

    public Errno FdFdstatSetRights(GuestMemory memory, uint fd, ulong rights, ulong inheriting)
    {
        if (!_descriptors.TryGet(fd, out Descriptor? descriptor))
        {
            return Errno.Badf;
        }

        if (((Rights)rights & ~descriptor.RightsBase) != 0 || ((Rights)inheriting & ~descriptor.RightsInheriting) != 0)
        {
            return Errno.Notcapable;
        }

        descriptor.RightsBase = (Rights)rights;
        descriptor.RightsInheriting = (Rights)inheriting;
        return Errno.Success;
    }

    public Errno FdFilestatGet(GuestMemory memory, uint fd, uint stat)
    {
        Errno error = Get(fd, Rights.FdFilestatGet, out Descriptor descriptor);
        if (error != Errno.Success || (error = descriptor.Stat(out FileStat found)) != Errno.Success)
        {
            return error;
        }

        return WriteFileStat(memory, stat, in found);
    }

    /// <summary>The same with the layout of <c>wasi_unstable</c>.</summary>
    public Errno FdFilestatGetUnstable(GuestMemory memory, uint fd, uint stat)
    {
        Errno error = Get(fd, Rights.FdFilestatGet, out Descriptor descriptor);
        if (error != Errno.Success || (error = descriptor.Stat(out FileStat found)) != Errno.Success)
        {
            return error;
        }

        return WriteUnstableFileStat(memory, stat, in found);
    }

    public Errno FdFilestatSetTimes(GuestMemory memory, uint fd, ulong atim, ulong mtim, uint flags)
    {
        Errno error = Times(atim, mtim, flags, out TimeSpec access, out TimeSpec modify);
        if (error != Errno.Success
            || (error = Get(fd, Rights.FdFilestatSetTimes, out Descriptor descriptor)) != Errno.Success)
        {
            return error;
        }

        (HostDescriptor? host, DirectoryGrant? grant, string path) = descriptor switch
        {
            FileDescriptor file => (file.Host, file.Grant, file.GuestPath),
            DirectoryDescriptor directory => (directory.Host, directory.Grant, directory.GuestPath),
            _ => (null, null, ""),
        };
        if (host is null || grant is null)
        {
            return Errno.Inval;
        }

        // A file that was opened for reading may still have its times set, so the grant is asked here again.
        PathRequest request = new("fd_filestat_set_times", "set times of", path, Callers: Callers, Run: this);
        return _gate.AllowPath(grant, write: true, in request)
            ? HostFile.SetTimesOfOpen(host, access, modify)
            : Errno.Rofs;
    }

    public Errno FdPrestatGet(GuestMemory memory, uint fd, uint stat)
    {
        if (!_descriptors.TryGet(fd, out Descriptor? descriptor)
            || descriptor is not DirectoryDescriptor { PreopenName: { } name })
        {
            return Errno.Badf;
        }

        // The tag of a directory is zero.
        return memory.TryWriteUInt32(stat, 0) && memory.TryWriteUInt32(stat + 4UL, (uint)name.Length)
            ? Errno.Success : Errno.Fault;
    }

    public Errno FdPrestatDirName(GuestMemory memory, uint fd, uint path, uint length)
    {
        if (!_descriptors.TryGet(fd, out Descriptor? descriptor)
            || descriptor is not DirectoryDescriptor { PreopenName: { } name })
        {
            return Errno.Badf;
        }

        if (length < name.Length)
        {
            return Errno.Nametoolong;
        }

        return memory.TryWrite(path, name) ? Errno.Success : Errno.Fault;
    }

    private static Errno WriteFileStat(GuestMemory memory, uint address, in FileStat stat)
    {
        if (!memory.TrySlice(address, Layouts.FileStatBytes, out Span<byte> bytes))
        {
            return Errno.Fault;
        }

        Layouts.WriteFileStat(bytes, in stat);
        return Errno.Success;
    }

    private static Errno WriteUnstableFileStat(GuestMemory memory, uint address, in FileStat stat)
    {
        if (!memory.TrySlice(address, Layouts.UnstableFileStatBytes, out Span<byte> bytes))
        {
            return Errno.Fault;
        }

        Layouts.WriteUnstableFileStat(bytes, in stat);
        return Errno.Success;
    }

    private static Errno Times(ulong atim, ulong mtim, uint flags, out TimeSpec access, out TimeSpec modify)
    {
        access = Time(atim, (flags & (uint)FstFlags.AccessTime) != 0, (flags & (uint)FstFlags.AccessNow) != 0);
        modify = Time(mtim, (flags & (uint)FstFlags.ModifyTime) != 0, (flags & (uint)FstFlags.ModifyNow) != 0);
        const uint BothAccess = (uint)(FstFlags.AccessTime | FstFlags.AccessNow);
        const uint BothModify = (uint)(FstFlags.ModifyTime | FstFlags.ModifyNow);
        return (flags & ~(uint)FstFlags.All) != 0 || (flags & BothAccess) == BothAccess
            || (flags & BothModify) == BothModify
            ? Errno.Inval
            : Errno.Success;
    }

    private static TimeSpec Time(ulong nanoseconds, bool set, bool now) => set
        ? new TimeSpec(nanoseconds)
        : now ? TimeSpec.Now : TimeSpec.Omit;
}
