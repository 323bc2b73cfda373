using System.Runtime.InteropServices;
using System.Text;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Platform.Linux;

/// <summary>Operations on an open descriptor, with their result as a guest gets it.</summary>
internal static class HostFile
{
    private static ReadOnlySpan<byte> Empty => "\0"u8;

    /// <summary>Error number of the last call, for a guest.</summary>
    public static Errno LastError() => LinuxErrno.ToWasi(Marshal.GetLastPInvokeError());

    public static Errno Read(HostDescriptor file, Span<byte> buffer, out int count)
    {
        nint result;
        while ((result = LibC.Read(file, ref MemoryMarshal.GetReference(buffer), buffer.Length)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != LinuxError.Interrupted)
            {
                break;
            }
        }

        return Counted(result, out count);
    }

    public static Errno Write(HostDescriptor file, ReadOnlySpan<byte> buffer, out int count)
    {
        nint result;
        while ((result = LibC.Write(file, in MemoryMarshal.GetReference(buffer), buffer.Length)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != LinuxError.Interrupted)
            {
                break;
            }
        }

        return Counted(result, out count);
    }

    public static Errno ReadAt(HostDescriptor file, Span<byte> buffer, long offset, out int count) =>
        Counted(LibC.PRead(file, ref MemoryMarshal.GetReference(buffer), buffer.Length, offset), out count);

    public static Errno WriteAt(HostDescriptor file, ReadOnlySpan<byte> buffer, long offset, out int count) =>
        Counted(LibC.PWrite(file, in MemoryMarshal.GetReference(buffer), buffer.Length, offset), out count);

    public static Errno Receive(HostDescriptor socket, Span<byte> buffer, int flags, out int count) =>
        Counted(LibC.Receive(socket, ref MemoryMarshal.GetReference(buffer), buffer.Length, flags), out count);

    public static Errno Send(HostDescriptor socket, ReadOnlySpan<byte> buffer, int flags, out int count) =>
        Counted(LibC.Send(socket, in MemoryMarshal.GetReference(buffer), buffer.Length, flags), out count);

    public static Errno Seek(HostDescriptor file, long offset, int whence, out ulong position)
    {
        long result = LibC.LSeek(file, offset, whence);
        position = (ulong)Math.Max(result, 0);
        return result < 0 ? LastError() : Errno.Success;
    }

    public static Errno Truncate(HostDescriptor file, ulong size) =>
        size > long.MaxValue ? Errno.Inval : Result(LibC.FTruncate(file, (long)size));

    public static Errno Allocate(HostDescriptor file, ulong offset, ulong length)
    {
        if (offset > long.MaxValue || length > long.MaxValue || length == 0)
        {
            return Errno.Inval;
        }

        return Result(LibC.FAllocate(file, 0, (long)offset, (long)length));
    }

    public static Errno Advise(HostDescriptor file, ulong offset, ulong length, int advice) =>
        offset > long.MaxValue || length > long.MaxValue
            ? Errno.Inval
            : LibC.PosixFAdvise(file, (long)offset, (long)length, advice) is var error and not 0
                ? LinuxErrno.ToWasi(error)
                : Errno.Success;

    public static Errno Sync(HostDescriptor file) => Result(LibC.FSync(file));

    public static Errno DataSync(HostDescriptor file) => Result(LibC.FDataSync(file));

    /// <summary>Attributes of what is open, also of a descriptor that was opened for its path only.</summary>
    public static Errno Stat(HostDescriptor file, out FileStat stat) => Stat(file, Empty, AtFlags.EmptyPath, out stat);

    /// <summary>Sets the times of an open file.</summary>
    public static Errno SetTimesOfOpen(HostDescriptor file, TimeSpec access, TimeSpec modify)
    {
        ReadOnlySpan<TimeSpec> times = [access, modify];
        return Result(LibC.FUtimens(file, in times[0]));
    }

    /// <summary>Sets the times of what was opened for its path only, of the link itself when that is one.</summary>
    public static Errno SetTimesOfPath(HostDescriptor path, TimeSpec access, TimeSpec modify)
    {
        ReadOnlySpan<TimeSpec> times = [access, modify];
        int result = LibC.UtimensAt(path, in Empty[0], in times[0], AtFlags.EmptyPath);
        if (result < 0 && Marshal.GetLastPInvokeError() == LinuxError.Invalid)
        {
            // Linux before 5.8 knows no empty path here. The link in /proc leads to what is open, and no further.
            byte[] link = Encoding.ASCII.GetBytes($"/proc/self/fd/{path.DangerousGetHandle()}\0");
            result = LibC.UtimensAt(path, in link[0], in times[0], 0);
        }

        return Result(result);
    }

    /// <summary>The target of a link that was opened for its path only.</summary>
    public static Errno ReadLink(HostDescriptor link, Span<byte> buffer, out int count) =>
        Counted(LibC.ReadLinkAt(link, in Empty[0], ref MemoryMarshal.GetReference(buffer), buffer.Length), out count);

    /// <summary>Sets O_APPEND, O_NONBLOCK; the kernel ignores O_SYNC and O_DSYNC here.</summary>
    public static Errno SetFlags(HostDescriptor file, int flags)
    {
        int current = LibC.Fcntl(file, FcntlCommand.GetFlags, 0);
        const int Settable = OpenFlags.Append | OpenFlags.NonBlock;
        return current < 0
            ? LastError()
            : Result(LibC.Fcntl(file, FcntlCommand.SetFlags, (current & ~Settable) | (flags & Settable)));
    }

    /// <summary>Another descriptor of the same open file.</summary>
    public static HostDescriptor? Duplicate(HostDescriptor file)
    {
        int number = LibC.Fcntl(file, FcntlCommand.DuplicateCloseOnExec, 0);
        return number < 0 ? null : new HostDescriptor(number);
    }

    /// <summary>Whether a read (or a write) would not wait. An error or a hang-up counts: the call then says
    /// so.</summary>
    public static bool IsReady(HostDescriptor file, bool write)
    {
        bool added = false;
        try
        {
            file.DangerousAddRef(ref added);
            PollEntry entry = new()
            {
                Descriptor = (int)file.DangerousGetHandle(),
                Events = write ? PollEntry.Out : PollEntry.In,
            };
            return LibC.Poll(ref entry, 1, 0) > 0;
        }
        finally
        {
            if (added)
            {
                file.DangerousRelease();
            }
        }
    }

    private static Errno Stat(HostDescriptor directory, ReadOnlySpan<byte> path, int flags, out FileStat stat)
    {
        int result = LibC.Statx(directory, in path[0], flags, StatxBuffer.BasicStats, out StatxBuffer buffer);
        stat = result < 0 ? default : FileStat.From(in buffer);
        return Result(result);
    }

    private static Errno Result(int result) => result < 0 ? LastError() : Errno.Success;

    private static Errno Counted(nint result, out int count)
    {
        count = (int)Math.Max(result, 0);
        return result < 0 ? LastError() : Errno.Success;
    }
}
