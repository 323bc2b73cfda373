using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Wisp.Platform.Linux;

/// <summary>The system calls that the runtime needs, with the constants of Linux on x64.</summary>
internal static unsafe partial class Libc
{
    public const int ProtNone = 0;
    public const int ProtRead = 1;
    public const int ProtWrite = 2;
    public const int ProtExec = 4;

    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapFixed = 0x10;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int MapPopulate = 0x8000;

    public const int MadvDontNeed = 4;
    public const int MadvNoHugePage = 15;

    public const int OpenReadOnly = 0;
    public const int OpenCloseOnExec = 0x80000;

    public const int SigIll = 4;
    public const int SigBus = 7;
    public const int SigFpe = 8;
    public const int SigSegv = 11;

    public const int SaSigInfo = 4;
    public const int SaOnStack = 0x08000000;

    private const uint CloseOnExec = 1;   // MFD_CLOEXEC

    public const int SsDisable = 2;
    public const int RlimitAs = 9;
    public const int ClockThreadCpu = 3;

    /// <summary>What mmap returns when it fails.</summary>
    public static readonly nint MapFailed = -1;

    /// <summary>glibc's and musl's struct sigaction.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 152)]
    public struct SigAction
    {
        [FieldOffset(0)]
        public nint Handler;

        [FieldOffset(8)]
        public fixed ulong Mask[16];

        [FieldOffset(136)]
        public int Flags;

        [FieldOffset(144)]
        public nint Restorer;
    }

    /// <summary>stack_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignalStack
    {
        public nint Start;
        public int Flags;
        public nuint Bytes;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    public static partial int Control(int file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int OpenFile(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SetSignalAction(int signal, SigAction* action, SigAction* previous);

    [LibraryImport("libc", EntryPoint = "sigaltstack", SetLastError = true)]
    public static partial int SetAlternateStack(SignalStack* stack, SignalStack* previous);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetResourceLimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    public static partial int GetTime(int clock, TimeSpec* time);

    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    private static partial SafeFileHandle CreateMemoryFile(byte* name, uint flags);

    /// <summary>A file without a name in any folder, gone with its last use. Invalid when the kernel refuses.</summary>
    public static SafeFileHandle CreateMemoryFile()
    {
        fixed (byte* name = "wisp-heap\0"u8)
        {
            return CreateMemoryFile(name, CloseOnExec);
        }
    }

    /// <summary>Another descriptor of an open file, closed in child processes; null when there are no more.</summary>
    public static SafeFileHandle? Duplicate(int file)
    {
        const int DuplicateCloseOnExec = 1030;   // F_DUPFD_CLOEXEC
        int copy = FileControl(file, DuplicateCloseOnExec, 0);
        return copy < 0 ? null : new SafeFileHandle(copy, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int file, int command, nint argument);

    /// <summary>The clock of processor time of any thread of this process.</summary>
    /// <remarks>The kernel's MAKE_THREAD_CPUCLOCK(tid, CPUCLOCK_SCHED), which is what pthread_getcpuclockid gives.</remarks>
    public static int ThreadClock(int threadId) => (~threadId << 3) | 6;

    /// <summary>Nanoseconds on a clock; zero when the clock is gone, as that of a dead thread.</summary>
    public static long Nanoseconds(int clock)
    {
        TimeSpec time;
        return GetTime(clock, &time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;
    }

    /// <summary>Reserves address space without access and without promise of memory.</summary>
    /// <returns>Its start, or <see cref="MapFailed"/>.</returns>
    public static nint Reserve(nuint bytes) => Map(0, bytes, ProtNone, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
}
