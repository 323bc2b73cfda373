using System.Diagnostics;
using Wisp.Interrupts;
using Wisp.Memories;
using Wisp.Stacks;

namespace Wisp;

/// <content>Deadline, processor time and interruption.</content>
public sealed partial class Store
{
    private readonly Lock _contextsGate = new();
    private readonly long _cpuLimit;
    private nint[] _contexts = [];
    private int _contextCount;
    private long _cpuNanoseconds;
    private long _interruptEpoch;
    private long _deadline = long.MaxValue;

    /// <summary>Processor time used so far by calls from the host; counted only when <see cref="StoreLimits.CpuTime"/> or
    /// <see cref="StoreLimits.CountsCpuTime"/> is set.</summary>
    public TimeSpan CpuTimeUsed => TimeSpan.FromMicroseconds(Volatile.Read(ref _cpuNanoseconds) / 1000.0);

    internal bool IsTimed { get; private set; }

    internal bool MeasuresCpuTime => Limits.CpuTime is not null || Limits.CountsCpuTime;

    /// <summary>The length of a time slice by <see cref="Stopwatch"/>; zero for none.</summary>
    internal long SliceTicks { get; }

    internal long InterruptEpoch => Volatile.Read(ref _interruptEpoch);

    /// <summary>The deadline by <see cref="Stopwatch"/>; long.MaxValue for none.</summary>
    internal long DeadlineTimestamp => Volatile.Read(ref _deadline);

    internal bool IsPastDeadline => DeadlineTimestamp <= Stopwatch.GetTimestamp();

    internal long CpuNanosecondsLeft => _cpuLimit - Volatile.Read(ref _cpuNanoseconds);

    /// <summary>Sets the moment after which the store's guests trap with DeadlineExceeded.</summary>
    /// <param name="fromNow">Time from now; null takes the deadline away.</param>
    /// <remarks>Applies to calls that begin after this one. Zero or less stops a call at its first check.</remarks>
    public void SetDeadline(TimeSpan? fromNow)
    {
        _deadline = fromNow is { } time
            ? Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency)
            : long.MaxValue;
        IsTimed = fromNow is not null || MeasuresCpuTime || SliceTicks != 0;
    }

    /// <summary>Stops what runs in the store now, or waits in it for a host function, with a trap of kind Interrupted.</summary>
    /// <remarks>Thread safe. Takes effect within milliseconds. Does nothing when nothing runs.</remarks>
    public void Interrupt()
    {
        Interlocked.Increment(ref _interruptEpoch);
        StopWaiting();
        Poison();
        Alarm.Shared.Set(new Interruption(this), Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 1000));
    }

    internal void AddCpuTime(long nanoseconds) => Interlocked.Add(ref _cpuNanoseconds, nanoseconds);

    /// <summary>Makes the guests that run call the interrupt stub. Harmless when there is no reason to.</summary>
    /// <remarks>Reads the chain of activations without a lock: one that has ended meanwhile only takes a look in vain.</remarks>
    internal void Poison()
    {
        lock (_contextsGate)
        {
            for (Activation? a = Current; a is not null; a = a.Outer)
            {
                a.Stack.Poison();
            }

            // VmLayout 2
            for (int i = 0; i < _contextCount; i++)
            {
                RawMemory.Write64(_contexts[i] + Abi.VmLayout.StackLimit, Execution.Poisoned);
            }
        }
    }

    internal void AddContext(nint context)
    {
        lock (_contextsGate)
        {
            if (_contextCount == _contexts.Length)
            {
                Array.Resize(ref _contexts, Math.Max(1, _contexts.Length * 2));
            }

            _contexts[_contextCount++] = context;
        }
    }

    private void ForgetContexts()
    {
        lock (_contextsGate)
        {
            _contextCount = 0;
        }
    }
}
