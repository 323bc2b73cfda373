namespace Wisp.Host.Invocations;

/// <summary>Drops the code of components that nobody uses: one timer for all of a server, and none while no code is loaded.</summary>
/// <param name="clock">Tells the time.</param>
internal sealed class IdleSweep(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private const long MillisecondsBetweenCollections = 30_000;

    private readonly Lock _lock = new();
    private readonly HashSet<ColdExecutor> _loaded = [];
    private ITimer? _timer;
    private DateTimeOffset _due;
    private bool _isDisposed;
    private long _collected = -MillisecondsBetweenCollections;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Components whose code is loaded.</summary>
    public int Loaded
    {
        get
        {
            lock (_lock)
            {
                return _loaded.Count;
            }
        }
    }

    /// <summary>Looks after a component whose code was loaded.</summary>
    public void Add(ColdExecutor executor, TimeSpan idleTime) => AddUntil(executor, Now + idleTime);

    public void Remove(ColdExecutor executor)
    {
        lock (_lock)
        {
            _loaded.Remove(executor);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void AddUntil(ColdExecutor executor, DateTimeOffset due)
    {
        lock (_lock)
        {
            _loaded.Add(executor);
            LookAt(due);
        }
    }

    private void Sweep()
    {
        ColdExecutor[] loaded;
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            loaded = [.. _loaded];
        }

        DateTimeOffset now = Now;
        foreach (ColdExecutor executor in loaded)
        {
            // Out of the list first: one that wakes again right after it was dropped puts itself back.
            Remove(executor);
            if (executor.Drop(now) is DateTimeOffset due)
            {
                AddUntil(executor, due);
            }
            else
            {
                CollectSoon();
            }
        }
    }

    /// <summary>What an image was read through is unmapped when the garbage is collected, and a server at rest makes too little of it.</summary>
    private void CollectSoon()
    {
        long now = Environment.TickCount64;
        if (now - _collected > MillisecondsBetweenCollections)
        {
            _collected = now;
            ThreadPool.UnsafeQueueUserWorkItem(
                static _ => GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false, compacting: false), null);
        }
    }

    private void LookAt(DateTimeOffset due)
    {
        if (_isDisposed || (_timer is not null && _due <= due))
        {
            return;
        }

        _timer?.Dispose();
        _due = due;
        TimeSpan time = due - Now;
        _timer = clock.CreateTimer(
            static sweep => ((IdleSweep)sweep!).Sweep(), this, time > Shortest ? time : Shortest, Timeout.InfiniteTimeSpan);
    }
}
