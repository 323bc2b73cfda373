namespace Wisp.Memories;

/// <summary>Lets an engine's pools give back, every few seconds and on no call's way, what nobody needed meanwhile.</summary>
/// <remarks>Runs while there is something to give back, and keeps no engine alive that nobody disposed.</remarks>
internal sealed class IdleTrimming : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Timer _timer;
    private int _isWanted;

    /// <param name="engine">The engine, or whoever has pools; its method is called by one thread at a time.</param>
    public IdleTrimming(ITrimmed engine)
    {
        var weak = new WeakReference<ITrimmed>(engine);
        _timer = new Timer(
            _ =>
            {
                if (weak.TryGetTarget(out ITrimmed? target))
                {
                    Run(target);
                }
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something can be trimmed some time.</summary>
    public void Want()
    {
        if (Volatile.Read(ref _isWanted) == 0 && Interlocked.Exchange(ref _isWanted, 1) == 0)
        {
            Arm();
        }
    }

    /// <summary>Returns once nothing is trimmed any more: what is taken out of the pools meanwhile is back in them.</summary>
    public void Dispose()
    {
        using var done = new ManualResetEvent(false);
        if (_timer.Dispose(done))
        {
            done.WaitOne();
        }
    }

    private void Run(ITrimmed engine)
    {
        Volatile.Write(ref _isWanted, 0);   // first: what is put down from now on asks again
        if (engine.Trim())
        {
            Want();
        }
    }

    private void Arm()
    {
        try
        {
            _timer.Change(Period, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The engine was disposed: slots that still come back go with their finalizers.
        }
    }
}
