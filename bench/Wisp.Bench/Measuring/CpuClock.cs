using System.Runtime.InteropServices;

namespace Wisp.Bench.Measuring;

/// <summary>CPU time of this thread or this process. On a shared machine it is the only clock that means something.</summary>
internal static partial class CpuClock
{
    private const int ProcessCpuTime = 2;   // CLOCK_PROCESS_CPUTIME_ID
    private const int ThreadCpuTime = 3;    // CLOCK_THREAD_CPUTIME_ID

    public static long ThreadNanoseconds => Read(ThreadCpuTime);

    public static long ProcessNanoseconds => Read(ProcessCpuTime);

    private static long Read(int clock)
    {
        if (GetTime(clock, out Timespec time) != 0)
        {
            throw new InvalidOperationException($"clock {clock} cannot be read");
        }

        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
