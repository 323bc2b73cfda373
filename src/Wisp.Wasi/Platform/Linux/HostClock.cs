namespace Wisp.Wasi.Platform.Linux;

/// <summary>The clocks of the machine. WASI's clock numbers are those of Linux: realtime, monotonic, process,
/// thread.</summary>
internal static class HostClock
{
    public static ulong Now(int clock) => LibC.ClockGetTime(clock, out TimeSpec time) < 0 ? 0 : Nanoseconds(time);

    public static ulong Resolution(int clock) => LibC.ClockGetRes(clock, out TimeSpec time) < 0 ? 0 : Nanoseconds(time);

    private static ulong Nanoseconds(TimeSpec time) => ((ulong)time.Seconds * 1_000_000_000) + (ulong)time.Nanoseconds;
}
