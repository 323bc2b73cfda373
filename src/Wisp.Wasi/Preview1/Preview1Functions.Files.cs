using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

// Reading, writing and seeking.
internal sealed partial class Preview1Functions
{
    // As the kernel's IOV_MAX.
    private const uint MaxIovecs = 1024;

    // A call into the kernel cannot be interrupted. A short count is allowed.
    private const int MaxTransferBytes = 64 << 20;

    // Small buffers are written together: one system call, and a line comes in one piece.
    private const int MaxGatherBytes = 4096;

    // The file's own offset, where a function takes one.
    private const long Here = -1;

    public Errno FdAdvise(GuestMemory memory, uint fd, ulong offset, ulong length, uint advice)
    {
        Errno error = GetFile(fd, Rights.FdAdvise, Errno.Spipe, out FileDescriptor? file);
        if (error != Errno.Success)
        {
            return error;
        }

        // advice: normal, sequential, random, will need, do not need, no reuse. Linux has another order.
        int translated = advice switch { 0 => 0, 1 => 2, 2 => 1, 3 => 3, 4 => 4, 5 => 5, _ => -1 };
        return translated < 0 ? Errno.Inval : HostFile.Advise(file.Host, offset, length, translated);
    }

    public Errno FdAllocate(GuestMemory memory, uint fd, ulong offset, ulong length)
    {
        Errno error = GetFile(fd, Rights.FdAllocate, Errno.Spipe, out FileDescriptor? file);
        return error == Errno.Success ? HostFile.Allocate(file.Host, offset, length) : error;
    }

    public Errno FdDatasync(GuestMemory memory, uint fd)
    {
        Errno error = GetFile(fd, Rights.FdDatasync, Errno.Inval, out FileDescriptor? file);
        return error == Errno.Success ? HostFile.DataSync(file.Host) : error;
    }

    public Errno FdSync(GuestMemory memory, uint fd)
    {
        Errno error = GetFile(fd, Rights.FdSync, Errno.Inval, out FileDescriptor? file);
        return error == Errno.Success ? HostFile.Sync(file.Host) : error;
    }

    public Errno FdFilestatSetSize(GuestMemory memory, uint fd, ulong size)
    {
        Errno error = GetFile(fd, Rights.FdFilestatSetSize, Errno.Inval, out FileDescriptor? file);
        return error == Errno.Success ? HostFile.Truncate(file.Host, size) : error;
    }

    public Errno FdSeek(GuestMemory memory, uint fd, ulong offset, uint whence, uint position)
    {
        if (whence > (uint)Whence.End)
        {
            return Errno.Inval;
        }

        return Seek(memory, fd, (long)offset, (Whence)whence, position);
    }

    /// <summary>The same with the numbers of <c>wasi_unstable</c>: 0 from here, 1 from the end, 2 from the
    /// start.</summary>
    public Errno FdSeekUnstable(GuestMemory memory, uint fd, ulong offset, uint whence, uint position) => whence switch
    {
        0 => FdSeek(memory, fd, offset, (uint)Whence.Current, position),
        1 => FdSeek(memory, fd, offset, (uint)Whence.End, position),
        2 => FdSeek(memory, fd, offset, (uint)Whence.Set, position),
        _ => Errno.Inval,
    };

    public Errno FdTell(GuestMemory memory, uint fd, uint position) => Seek(memory, fd, 0, Whence.Current, position);

    public Errno FdPread(GuestMemory memory, uint fd, uint iovs, uint count, ulong offset, uint nread)
    {
        Errno error = GetFile(fd, Rights.FdRead | Rights.FdSeek, Errno.Spipe, out FileDescriptor? file);
        if (error != Errno.Success || (error = CheckTransfer(memory, count, nread)) != Errno.Success)
        {
            return error;
        }

        if (offset > long.MaxValue)
        {
            return Errno.Inval;
        }

        error = Scatter(memory, iovs, count, file, (long)offset, out uint total);
        return error == Errno.Success ? Store(memory, nread, total) : error;
    }

    public Errno FdPwrite(GuestMemory memory, uint fd, uint iovs, uint count, ulong offset, uint nwritten)
    {
        Errno error = GetFile(fd, Rights.FdWrite | Rights.FdSeek, Errno.Spipe, out FileDescriptor? file);
        if (error != Errno.Success || (error = CheckTransfer(memory, count, nwritten)) != Errno.Success)
        {
            return error;
        }

        if (offset > long.MaxValue)
        {
            return Errno.Inval;
        }

        error = Gather(memory, iovs, count, file, (long)offset, out uint total);
        return error == Errno.Success ? Store(memory, nwritten, total) : error;
    }

    public ValueTask<Errno> FdRead(GuestCall call, uint fd, uint iovs, uint count, uint nread)
    {
        Errno error = Get(fd, Rights.FdRead, out Descriptor descriptor);
        if (error == Errno.Notcapable && descriptor is DirectoryDescriptor)
        {
            error = Errno.Isdir;
        }

        if (error == Errno.Success)
        {
            error = TryRead(call.View, descriptor, iovs, count, nread);
        }

        return error == Errno.Again && descriptor.Waits
            ? WaitAndRead(call, descriptor, iovs, count, nread)
            : new ValueTask<Errno>(error);
    }

    public ValueTask<Errno> FdWrite(GuestCall call, uint fd, uint iovs, uint count, uint nwritten)
    {
        Errno error = Get(fd, Rights.FdWrite, out Descriptor descriptor);
        if (error == Errno.Success)
        {
            error = TryWrite(call.View, descriptor, iovs, count, nwritten);
        }

        return error == Errno.Again && descriptor.Waits
            ? WaitAndWrite(call, descriptor, iovs, count, nwritten)
            : new ValueTask<Errno>(error);
    }

    private static async ValueTask<Errno> WaitAndRead(GuestCall call, Descriptor descriptor, uint iovs, uint count,
        uint nread)
    {
        Errno error;
        do
        {
            await descriptor.WaitAsync(write: false, call.CancellationToken).ConfigureAwait(false);
            error = TryRead(call.View, descriptor, iovs, count, nread);
        }
        while (error == Errno.Again);
        return error;
    }

    private static async ValueTask<Errno> WaitAndWrite(GuestCall call, Descriptor descriptor, uint iovs, uint count,
        uint nwritten)
    {
        Errno error;
        do
        {
            await descriptor.WaitAsync(write: true, call.CancellationToken).ConfigureAwait(false);
            error = TryWrite(call.View, descriptor, iovs, count, nwritten);
        }
        while (error == Errno.Again);
        return error;
    }

    private static Errno TryRead(GuestMemory memory, Descriptor descriptor, uint iovs, uint count, uint nread)
    {
        Errno error = CheckTransfer(memory, count, nread);
        if (error != Errno.Success
            || (error = Scatter(memory, iovs, count, descriptor, Here, out uint total)) != Errno.Success)
        {
            return error;
        }

        return Store(memory, nread, total);
    }

    private static Errno TryWrite(GuestMemory memory, Descriptor descriptor, uint iovs, uint count, uint nwritten)
    {
        Errno error = CheckTransfer(memory, count, nwritten);
        if (error != Errno.Success
            || (error = Gather(memory, iovs, count, descriptor, Here, out uint total)) != Errno.Success)
        {
            return error;
        }

        return Store(memory, nwritten, total);
    }

    /// <summary>Reads into the guest's buffers, in order, until one is not filled. What was read counts, even before
    /// an error.</summary>
    private static Errno Scatter(GuestMemory memory, uint iovs, uint count, Descriptor from, long offset,
        out uint total)
    {
        total = 0;
        for (uint i = 0; i < count; i++)
        {
            if (!TryGetIovec(memory, iovs, i, out Span<byte> bytes))
            {
                return total > 0 ? Errno.Success : Errno.Fault;
            }

            bytes = bytes[..Math.Min(bytes.Length, MaxTransferBytes - (int)total)];
            if (bytes.IsEmpty)
            {
                continue;
            }

            int read;
            Errno error = offset == Here || from is not FileDescriptor file
                ? from.TryRead(bytes, out read)
                : HostFile.ReadAt(file.Host, bytes, offset + total, out read);
            if (error != Errno.Success)
            {
                return total > 0 ? Errno.Success : error;
            }

            total += (uint)read;
            if (read < bytes.Length)
            {
                break;
            }
        }

        return Errno.Success;
    }

    /// <summary>Writes the guest's buffers, in order, until one is not taken whole. What was written counts, even
    /// before an error.</summary>
    private static Errno Gather(GuestMemory memory, uint iovs, uint count, Descriptor to, long offset, out uint total)
    {
        total = 0;
        if (count > 1)
        {
            Span<byte> together = stackalloc byte[MaxGatherBytes];
            if (TryGather(memory, iovs, count, together, out int length))
            {
                Errno error = Write(to, together[..length], offset, out int written);
                total = (uint)written;
                return error;
            }
        }

        for (uint i = 0; i < count; i++)
        {
            if (!TryGetIovec(memory, iovs, i, out Span<byte> bytes))
            {
                return total > 0 ? Errno.Success : Errno.Fault;
            }

            bytes = bytes[..Math.Min(bytes.Length, MaxTransferBytes - (int)total)];
            if (bytes.IsEmpty)
            {
                continue;
            }

            Errno error = Write(to, bytes, offset == Here ? Here : offset + total, out int written);
            if (error != Errno.Success)
            {
                return total > 0 ? Errno.Success : error;
            }

            total += (uint)written;
            if (written < bytes.Length)
            {
                break;
            }
        }

        return Errno.Success;
    }

    private static Errno Write(Descriptor to, ReadOnlySpan<byte> bytes, long offset, out int written) =>
        offset == Here || to is not FileDescriptor file
            ? to.TryWrite(bytes, out written)
            : HostFile.WriteAt(file.Host, bytes, offset, out written);

    /// <summary>Copies small buffers together; false when they are too large for that, or one is not in the
    /// memory.</summary>
    private static bool TryGather(GuestMemory memory, uint iovs, uint count, Span<byte> together, out int length)
    {
        length = 0;
        for (uint i = 0; i < count; i++)
        {
            if (!TryGetIovec(memory, iovs, i, out Span<byte> bytes) || bytes.Length > together.Length - length)
            {
                return false;
            }

            bytes.CopyTo(together[length..]);
            length += bytes.Length;
        }

        return length > 0;
    }

    private static bool TryGetIovec(GuestMemory memory, uint iovs, uint index, out Span<byte> bytes)
    {
        ulong at = iovs + ((ulong)index * Layouts.IovecBytes);
        bytes = default;
        return memory.TryReadUInt32(at, out uint buffer) && memory.TryReadUInt32(at + 4, out uint length)
            && memory.TrySlice(buffer, length, out bytes);
    }

    // The count goes out last, so its place is checked first: nothing is lost to an address that is not there.
    private static Errno CheckTransfer(GuestMemory memory, uint count, uint result) =>
        count > MaxIovecs ? Errno.Inval : memory.TrySlice(result, sizeof(uint), out _) ? Errno.Success : Errno.Fault;

    private static Errno Store(GuestMemory memory, uint address, uint value) =>
        memory.TryWriteUInt32(address, value) ? Errno.Success : Errno.Fault;

    private Errno Seek(GuestMemory memory, uint fd, long offset, Whence whence, uint position)
    {
        Errno error = GetFile(fd, Rights.None, Errno.Spipe, out FileDescriptor? file);
        if (error != Errno.Success)
        {
            return error;
        }

        // The right to seek implies the right to tell.
        bool tells = whence == Whence.Current && offset == 0;
        if ((file.RightsBase & (tells ? Rights.FdSeek | Rights.FdTell : Rights.FdSeek)) == 0)
        {
            return Errno.Notcapable;
        }

        if (!memory.TrySlice(position, sizeof(ulong), out _))
        {
            return Errno.Fault;
        }

        error = HostFile.Seek(file.Host, offset, (int)whence, out ulong now);
        _ = memory.TryWriteUInt64(position, now);
        return error;
    }
}
