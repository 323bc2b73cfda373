using System.Diagnostics;
using Wisp.Platform.Linux;

namespace Wisp.Interrupts;

/// <summary>Watches one call that has a deadline, a limit of processor time or a cancellation token.</summary>
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
    private Store _store;   // given up at the end: the alarm may hold a watch long after its call
    private readonly CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private AsyncHostCall? _pendingCall;
    private bool _isEnded;
    private bool _isRunning;
    private int _repeats;

    // Processor time is measured for the outermost call on a thread: its clock covers the nested ones.
    private bool _measuresTime;
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
            watch._registration = cancellation.UnsafeRegister(static state => ((Watch)state!).Look(), watch);
        }

        return watch;
    }

    /// <summary>The guest runs, on this thread.</summary>
    public void Restart(bool isOutermost)
    {
        long due = _store.DeadlineTimestamp;
        lock (_gate)
        {
            _pendingCall = null;
            _isRunning = true;
            _measuresTime = isOutermost && _store.Limits.CpuTime is not null;
            if (_measuresTime)
            {
                _threadClock = Libc.ThreadClock(Libc.GetThreadId());
                _startNanoseconds = Libc.Nanoseconds(_threadClock);
                due = Math.Min(due, Stopwatch.GetTimestamp() + ToTicks(_store.CpuNanosecondsLeft));
            }
        }

        if (due != long.MaxValue)
        {
            Alarm.Shared.Set(this, due);
        }
    }

    /// <summary>The guest has left: it waits for a host function, or for good when there is none.</summary>
    public void Pause(AsyncHostCall? pendingCall)
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
            if (pendingCall is not null)
            {
                return;
            }
        }

        End();
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

    /// <summary>Asks for attention where there is a reason. Any thread.</summary>
    /// <returns>When to look again: a timestamp, or long.MaxValue for never.</returns>
    public long Look()
    {
        long now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            if (_isEnded)
            {
                return long.MaxValue;
            }

            long due = _store.DeadlineTimestamp;
            bool isDue = due <= now || _cancellation.IsCancellationRequested;
            if (!isDue && _isRunning && _measuresTime)
            {
                long left = _store.CpuNanosecondsLeft - RunNanoseconds();
                isDue = left <= 0;
                due = Math.Min(due, now + Math.Max(ToTicks(left), Millisecond / 4));
            }

            if (!isDue)
            {
                return due;
            }

            if (_isRunning)
            {
                _store.Poison();
            }

            _pendingCall?.Stop();
            long next = now + (++_repeats <= FirstRepeats ? Millisecond : 20 * Millisecond);
            if (_repeats == 1 && _cancellation.IsCancellationRequested)
            {
                Alarm.Shared.Set(this, next);   // from the token's callback, nobody else looks again
            }

            return next;
        }
    }

    private static long ToTicks(long nanoseconds) => (long)(nanoseconds * (Stopwatch.Frequency / 1e9));

    private long RunNanoseconds() =>
        _isRunning && _measuresTime ? Libc.Nanoseconds(_threadClock) - _startNanoseconds : 0;
}
