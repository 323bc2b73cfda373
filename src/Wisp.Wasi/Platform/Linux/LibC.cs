using System.Runtime.InteropServices;

namespace Wisp.Wasi.Platform.Linux;

/// <summary>The calls into the C library. Each returns -1 and sets errno when it fails, unless it says
/// otherwise.</summary>
internal static partial class LibC
{
    private const string Library = "libc";

    // System call numbers, x64: arch/x86/entry/syscalls/syscall_64.tbl of Linux.
    private const nint SysGetDents64 = 217;
    private const nint SysOpenAt2 = 437;

    public static int OpenAt2(HostDescriptor directory, ReadOnlySpan<byte> path, in OpenHow how) =>
        (int)OpenAt2(SysOpenAt2, directory, in MemoryMarshal.GetReference(path), in how, OpenHow.Size);

    public static nint GetDents64(HostDescriptor directory, Span<byte> buffer) =>
        GetDents64(SysGetDents64, directory, ref MemoryMarshal.GetReference(buffer), buffer.Length);

    // syscall(2) is variadic. Integers and pointers travel alike in a variadic and in a plain call on x64 and arm64
    // Linux.
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, HostDescriptor directory, in byte path, in OpenHow how, nint size);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint GetDents64(nint number, HostDescriptor directory, ref byte buffer, nint length);

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(HostDescriptor directory, in byte path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(HostDescriptor descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(HostDescriptor directory, in byte path, int flags, uint mask,
        out StatxBuffer buffer);

    [LibraryImport(Library, EntryPoint = "isatty", SetLastError = true)]
    public static partial int IsATty(HostDescriptor descriptor);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(HostDescriptor descriptor, ref byte buffer, nint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(HostDescriptor descriptor, in byte buffer, nint count);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint PRead(HostDescriptor descriptor, ref byte buffer, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(HostDescriptor descriptor, in byte buffer, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long LSeek(HostDescriptor descriptor, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(HostDescriptor descriptor, long size);

    /// <summary>Returns the error number itself, and leaves errno alone.</summary>
    [LibraryImport(Library, EntryPoint = "posix_fadvise")]
    public static partial int PosixFAdvise(HostDescriptor descriptor, long offset, long length, int advice);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int FAllocate(HostDescriptor descriptor, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(HostDescriptor descriptor);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FDataSync(HostDescriptor descriptor);

    [LibraryImport(Library, EntryPoint = "futimens", SetLastError = true)]
    public static partial int FUtimens(HostDescriptor descriptor, in TimeSpec times);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int UtimensAt(HostDescriptor directory, in byte path, in TimeSpec times, int flags);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MkdirAt(HostDescriptor directory, in byte path, uint mode);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(HostDescriptor directory, in byte path, int flags);

    [LibraryImport(Library, EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(HostDescriptor oldDirectory, in byte oldPath, HostDescriptor newDirectory,
        in byte newPath);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(
        HostDescriptor oldDirectory, in byte oldPath, HostDescriptor newDirectory, in byte newPath, int flags);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int SymlinkAt(in byte target, HostDescriptor directory, in byte path);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(HostDescriptor directory, in byte path, ref byte buffer, nint length);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollEntry entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ClockGetTime(int clock, out TimeSpec time);

    [LibraryImport(Library, EntryPoint = "clock_getres", SetLastError = true)]
    public static partial int ClockGetRes(int clock, out TimeSpec resolution);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EPollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EPollCtl(HostDescriptor epoll, int operation, HostDescriptor descriptor,
        ref EPollEvent change);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EPollWait(HostDescriptor epoll, ref EPollEvent events, int count,
        int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(HostDescriptor socket, nint address, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(HostDescriptor socket, ref byte buffer, nint count, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(HostDescriptor socket, in byte buffer, nint count, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(HostDescriptor socket, int how);
}
