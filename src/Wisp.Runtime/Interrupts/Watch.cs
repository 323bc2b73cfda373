using System.Diagnostics;
using Wisp.Platform.Linux;

namespace Wisp.Interrupts;

/// <summary>Watches one call that has a deadline, a limit of processor time, slices of time or a cancellation token.</summary>
/// <remarks>
/// It only asks the guest for attention; the guest's thread finds the reason itself. Transitions between guest and host copy the
/// stack limit from the record to a context, so one may overwrite poison that was put there meanwhile: it is put there again, soon
/// at first, until the call has ended.
/// </remarks>
internal sealed class Watch : IAlarmed
{
    private const int FirstRepeats = 10;

    private static readonly long Millisecond = Stopwatch.Frequency / 1000;

    private readonly Lock _gate = new();
    private readonly CancellationToken _cancellation;
    private Store _store;   // given up at the end: the alarm may hold a watch long after its call
    private CancellationTokenRegistration _registration;
    private AsyncHostCall? _pendingCall;
    private bool _isEnded;
    private bool _isRunning;
    private int _repeats;
    private long _sliceEnd = long.MaxValue;

    // The alarm has one entry that counts; those for another moment are left over.
    private long _alarmDue = long.MaxValue;

    // Processor time is measured for the outermost call on a thread: its clock covers the nested ones.
    private bool _measuresTime;
    private bool _limitsTime;
    private int _threadClock;
    private long _startNanoseconds;

    private Watch(Store store, CancellationToken cancellation)
    {
        _store = store;
        _cancellation = cancellation;
    }

    public static Watch Arm(Store store, bool isOutermost, CancellationToken cancellation)
    {
        var watch = new Watch(store, cancellation);
        watch.Restart(isOutermost);
        if (cancellation.CanBeCanceled)
        {
            watch._registration = cancellation.UnsafeRegister(static state => ((Watch)state!).OnCancelled(), watch);
        }

        return watch;
    }

    /// <summary>The guest runs, on this thread.</summary>
    public void Restart(bool isOutermost)
    {
        lock (_gate)
        {
            _pendingCall = null;
            _isRunning = true;
            _measuresTime = isOutermost && _store.MeasuresCpuTime;
            _limitsTime = _measuresTime && _store.Limits.CpuTime is not null;
            if (_measuresTime)
            {
                // Only a limit has the alarm's thread read the clock of this one.
                _threadClock = _limitsTime ? Libc.ThreadClock(Libc.GetThreadId()) : Libc.ClockThreadCpu;
                _startNanoseconds = Libc.Nanoseconds(_threadClock);
            }

            long now = Stopwatch.GetTimestamp();
            _sliceEnd = isOutermost && _store.SliceTicks != 0 ? now + _store.SliceTicks : long.MaxValue;
            Schedule(NextLook(now));
        }
    }

    /// <summary>The guest has left: it waits for a host function or for its next slice of time, else for good.</summary>
    public void Pause(AsyncHostCall? pendingCall, bool isYielding)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isRunning = false;
            if (_measuresTime)
            {
                _store.AddCpuTime(Libc.Nanoseconds(_threadClock) - _startNanoseconds);
            }

            _pendingCall = pendingCall;
        }

        if (pendingCall is null && !isYielding)
        {
            End();
        }
    }

    /// <summary>Nobody needs to be stopped any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _pendingCall = null;
            _store = null!;
        }

        _registration.Unregister();
    }

    /// <summary>Whether the store's processor time is used up, this call's share so far included.</summary>
    public bool IsCpuTimeUsedUp()
    {
        lock (_gate)
        {
            return !_isEnded && _store.Limits.CpuTime is not null && _store.CpuNanosecondsLeft <= RunNanoseconds();
        }
    }

    /// <inheritdoc/>
    public long Look(long due)
    {
        lock (_gate)
        {
            if (_isEnded || due != _alarmDue)
            {
                return long.MaxValue;
            }

            _alarmDue = AskIfDue();
            return _alarmDue;
        }
    }

    private static long ToTicks(long nanoseconds) => (long)(nanoseconds * (Stopwatch.Frequency / 1e9));

    private void OnCancelled()
    {
        lock (_gate)
        {
            if (!_isEnded)
            {
                Schedule(AskIfDue());
            }
        }
    }

    /// <summary>Asks for attention where there is a reason.</summary>
    /// <returns>When to look again.</returns>
    private long AskIfDue()
    {
        long now = Stopwatch.GetTimestamp();
        bool mustStop = _store.DeadlineTimestamp <= now || _cancellation.IsCancellationRequested
            || (_limitsTime && _isRunning && _store.CpuNanosecondsLeft <= RunNanoseconds());
        bool mustYield = _isRunning && _sliceEnd <= now;
        if (_isRunning && (mustStop || mustYield))
        {
            _store.Poison();
        }

        if (mustStop)
        {
            _pendingCall?.Stop();
            return now + (++_repeats <= FirstRepeats ? Millisecond : 20 * Millisecond);
        }

        if (mustYield)
        {
            _sliceEnd = now + _store.SliceTicks;   // being late is no harm, so poison that was lost is put there a slice later
        }

        return NextLook(now);
    }

    private long NextLook(long now)
    {
        long next = _store.DeadlineTimestamp;
        if (_isRunning)
        {
            next = Math.Min(next, _sliceEnd);
            if (_limitsTime)
            {
                next = Math.Min(next, now + Math.Max(ToTicks(_store.CpuNanosecondsLeft - RunNanoseconds()), Millisecond / 4));
            }
        }

        return next;
    }

    private void Schedule(long due)
    {
        if (due < _alarmDue)
        {
            _alarmDue = due;
            Alarm.Shared.Set(this, due);
        }
    }

    private long RunNanoseconds() =>
        _isRunning && _limitsTime ? Libc.Nanoseconds(_threadClock) - _startNanoseconds : 0;
}
