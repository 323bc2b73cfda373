using Wisp.Bench.Measuring;

namespace Wisp.Bench.Suites;

/// <summary>Takes the CPU time of this thread at the marks of a program.</summary>
internal sealed class MarkedClock
{
    private readonly long _begin = CpuClock.ThreadNanoseconds;
    private long _start;
    private long _end;

    public void Start() => _start = CpuClock.ThreadNanoseconds;

    public void End() => _end = CpuClock.ThreadNanoseconds;

    public long Elapsed => _end != 0 ? _end - _start : CpuClock.ThreadNanoseconds - _begin;
}
