using System.Runtime.InteropServices;

namespace Wisp.Wasi.Platform.Linux;

// The constants and structures of the kernel that LibC passes. Values are those of x64 Linux.

/// <summary>Flags of open(2).</summary>
internal static class OpenFlags
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NoCTty = 0x100;
    public const int Truncate = 0x200;
    public const int Append = 0x400;
    public const int NonBlock = 0x800;
    public const int DataSync = 0x1000;
    public const int Directory = 0x10000;
    public const int NoFollow = 0x20000;
    public const int CloseOnExec = 0x80000;
    public const int Sync = 0x101000;
    public const int Path = 0x200000;
}

/// <summary>Flags of the system calls whose name ends in "at".</summary>
internal static class AtFlags
{
    public const int RemoveDirectory = 0x200;
    public const int EmptyPath = 0x1000;
}

/// <summary>Commands of fcntl(2).</summary>
internal static class FcntlCommand
{
    public const int GetFlags = 3;
    public const int SetFlags = 4;
    public const int DuplicateCloseOnExec = 1030;
}

/// <summary>Flags of accept4(2), recv(2) and send(2).</summary>
internal static class SocketFlags
{
    public const int AcceptNonBlock = OpenFlags.NonBlock;
    public const int AcceptCloseOnExec = OpenFlags.CloseOnExec;
    public const int Peek = 0x2;
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
}

/// <summary>Error numbers that this code looks at.</summary>
internal static class LinuxError
{
    public const int Perm = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int CrossDevice = 18;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int NoSystemCall = 38;
    public const int Loop = 40;
}

// struct open_how   https://man7.org/linux/man-pages/man2/openat2.2.html
//   flags:u64 mode:u64 resolve:u64       mode must be zero without O_CREAT
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public const int Size = 24;
    public const ulong ResolveNoMagicLinks = 0x02;
    public const ulong ResolveBeneath = 0x08;

    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}

[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    /// <summary>UTIME_NOW: the time of the call.</summary>
    public static readonly TimeSpec Now = new() { Nanoseconds = (1L << 30) - 1 };

    /// <summary>UTIME_OMIT: leave it as it is.</summary>
    public static readonly TimeSpec Omit = new() { Nanoseconds = (1L << 30) - 2 };

    public TimeSpec(ulong nanoseconds)
    {
        Seconds = (long)(nanoseconds / 1_000_000_000);
        Nanoseconds = (long)(nanoseconds % 1_000_000_000);
    }

    public long Seconds;
    public long Nanoseconds;
}

// struct statx   https://man7.org/linux/man-pages/man2/statx.2.html
//   0 mask:u32  16 nlink:u32  28 mode:u16  32 ino:u64  40 size:u64  64 atime  80 btime  96 ctime  112 mtime  136 dev
//   a time is  seconds:s64 nanoseconds:u32 pad:u32
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    public const uint BasicStats = 0x7ff;

    [FieldOffset(16)]
    public uint Links;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public ulong Size;

    [FieldOffset(64)]
    public long AccessSeconds;

    [FieldOffset(72)]
    public uint AccessNanoseconds;

    [FieldOffset(96)]
    public long ChangeSeconds;

    [FieldOffset(104)]
    public uint ChangeNanoseconds;

    [FieldOffset(112)]
    public long ModifySeconds;

    [FieldOffset(120)]
    public uint ModifyNanoseconds;

    [FieldOffset(136)]
    public uint DeviceMajor;

    [FieldOffset(140)]
    public uint DeviceMinor;
}

[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public const short In = 0x1;
    public const short Out = 0x4;
    public const short Error = 0x8;
    public const short HangUp = 0x10;

    public int Descriptor;
    public short Events;
    public short Returned;
}

// struct epoll_event is packed on x64: events:u32 data:u64
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct EPollEvent
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint OneShot = 1u << 30;
    public const int Add = 1;
    public const int Delete = 2;
    public const int CloseOnExec = 0x80000;

    public uint Events;
    public long Data;
}
