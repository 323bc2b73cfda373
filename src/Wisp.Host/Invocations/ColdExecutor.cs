using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Invocations;

// 1. The code is loaded by the invocation that finds it missing; those that come meanwhile wait for that one load.
// 2. While _uses > 0 it stays. What drops it (IdleSweep, Dispose) takes it out under the lock.
// 3. A load that failed is not tried again for a moment: the invocations of that moment get the same answer.

/// <summary>A component whose code is there only while it is used: loaded for the first invocation, dropped after some time without one.</summary>
internal sealed class ColdExecutor : IExecutor
{
    private static readonly TimeSpan FailureTime = TimeSpan.FromSeconds(1);

    private readonly Func<IExecutor> _load;
    private readonly TimeSpan _idleTime;
    private readonly IdleSweep _sweep;
    private readonly IInvocationSink _log;
    private readonly Lock _lock = new();
    private IExecutor? _loaded;
    private TaskCompletionSource<Waking>? _waking;
    private int _uses;
    private DateTimeOffset _lastUse;
    private (Exception Exception, DateTimeOffset Time)? _failure;

    /// <summary>Makes a component that is cold.</summary>
    /// <param name="load">Loads it.</param>
    /// <param name="idleTime">How long it stays loaded without an invocation.</param>
    /// <param name="sweep">Drops it.</param>
    /// <param name="log">Told why it could not be loaded.</param>
    public ColdExecutor(Func<IExecutor> load, TimeSpan idleTime, IdleSweep sweep, IInvocationSink log)
    {
        _load = load;
        _idleTime = idleTime;
        _sweep = sweep;
        _log = log;
    }

    public async Task<InvocationOutcome> ServeAsync(RoutedRequest request, CancellationToken shutdown)
    {
        Waking waking = await EnterAsync().ConfigureAwait(false);
        try
        {
            if (waking.Failure is Exception failure)
            {
                return await RefuseAsync(request, failure).ConfigureAwait(false);
            }

            InvocationOutcome outcome = await _loaded!.ServeAsync(request, shutdown).ConfigureAwait(false);
            return waking.Time is null ? outcome : outcome with { Figures = outcome.Figures with { Wake = waking.Time } };
        }
        finally
        {
            Leave();
        }
    }

    public async Task<CronOutcome> TickAsync(CronTick tick, CancellationToken shutdown)
    {
        Waking waking = await EnterAsync().ConfigureAwait(false);
        try
        {
            if (waking.Failure is Exception failure)
            {
                return new CronOutcome("failed", Failure: Noted(tick.Id, failure));
            }

            CronOutcome outcome = await _loaded!.TickAsync(tick, shutdown).ConfigureAwait(false);
            return waking.Time is null ? outcome : outcome with { Figures = outcome.Figures with { Wake = waking.Time } };
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Drops the code if nobody used it for its idle time.</summary>
    /// <returns>When to look again, or null when there is nothing to drop any more.</returns>
    public DateTimeOffset? Drop(DateTimeOffset now)
    {
        IExecutor dropped;
        lock (_lock)
        {
            if (_loaded is null)
            {
                return null;
            }

            if (_uses > 0)
            {
                return now + _idleTime;
            }

            _lastUse = _lastUse < now ? _lastUse : now;   // a clock that was set back
            if (now - _lastUse < _idleTime)
            {
                return _lastUse + _idleTime;
            }

            dropped = _loaded;
            _loaded = null;
        }

        dropped.Dispose();
        return null;
    }

    public void Dispose()
    {
        IExecutor? dropped;
        lock (_lock)
        {
            dropped = _loaded;
            _loaded = null;
        }

        _sweep.Remove(this);
        dropped?.Dispose();
    }

    private ValueTask<Waking> EnterAsync()
    {
        TaskCompletionSource<Waking> waking;
        lock (_lock)
        {
            _uses++;
            if (_loaded is not null)
            {
                return ValueTask.FromResult(default(Waking));
            }

            if (_waking is not null)
            {
                return new ValueTask<Waking>(_waking.Task);
            }

            if (_failure is { } failure && (_sweep.Now - failure.Time).Duration() < FailureTime)
            {
                return ValueTask.FromResult(new Waking(null, failure.Exception));
            }

            waking = _waking = new TaskCompletionSource<Waking>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return ValueTask.FromResult(Wake(waking));
    }

    private Waking Wake(TaskCompletionSource<Waking> others)
    {
        long started = Stopwatch.GetTimestamp();
        IExecutor? loaded = null;
        Waking waking;
        try
        {
            loaded = _load();
            waking = new Waking(Stopwatch.GetElapsedTime(started), null);
        }
        catch (Exception exception)
        {
            waking = new Waking(null, exception);
        }

        lock (_lock)
        {
            _loaded = loaded;
            _waking = null;
            _failure = waking.Failure is Exception failure ? (failure, _sweep.Now) : null;
        }

        if (loaded is not null)
        {
            _sweep.Add(this, _idleTime);
        }

        others.SetResult(waking);
        return waking;
    }

    private void Leave()
    {
        lock (_lock)
        {
            _uses--;
            _lastUse = _sweep.Now;
        }
    }

    private async Task<InvocationOutcome> RefuseAsync(RoutedRequest request, Exception failure)
    {
        string reason = Noted(request.Id, failure);

        // What the machine lacks now it may have later; a program that cannot be linked stays one.
        bool mayPass = failure is IOException or UnauthorizedAccessException or OutOfMemoryException && failure.InnerException is not LinkException;
        InvocationOutcome outcome = await PlainAnswer.RefuseAsync(
            request.Context, mayPass ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
            "the function cannot be loaded").ConfigureAwait(false);
        return outcome with { Failure = reason };
    }

    private string Noted(in InvocationId id, Exception failure)
    {
        string reason = $"cannot be loaded: {GuestText.Escape(failure.Message)}";
        _log.Note(id, reason);
        return reason;
    }

    /// <summary>How an invocation found the code.</summary>
    /// <param name="Time">How long it took to load it; null when it was there.</param>
    /// <param name="Failure">Why it could not be loaded, or null.</param>
    private readonly record struct Waking(TimeSpan? Time, Exception? Failure);
}
