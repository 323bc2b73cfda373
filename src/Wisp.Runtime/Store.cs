namespace Wisp;

/// <summary>The owner of instances and of everything that they share. What belongs to one store can be linked; nothing leaves it.</summary>
/// <remarks>
/// Not thread safe: one thread at a time calls into a store, except for <see cref="Interrupt"/>. Several calls may be suspended in
/// async host functions at once. Disposing frees all its memories; what is still pending then ends on its own.
/// </remarks>
public sealed class Store : IDisposable
{
    /// <summary>Makes an empty store.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="limits">What its instances may use; null takes the defaults.</param>
    public Store(Engine engine, StoreLimits? limits = null)
    {
        Engine = engine;
        Limits = limits ?? new StoreLimits();
    }

    /// <summary>The engine.</summary>
    public Engine Engine { get; }

    /// <summary>What its instances may use.</summary>
    public StoreLimits Limits { get; }

    /// <summary>Anything that host functions want to find again. Null at first.</summary>
    public object? Data { get; set; }

    /// <summary>Bytes of all linear memories now.</summary>
    public long MemoryBytes => 0;

    /// <summary>Processor time used so far by calls from the host; counted only when <see cref="StoreLimits.CpuTime"/> is set.</summary>
    public TimeSpan CpuTimeUsed => TimeSpan.Zero;

    /// <summary>Sets the moment after which the store's guests trap with DeadlineExceeded, running calls included.</summary>
    /// <param name="fromNow">Time from now; null takes the deadline away.</param>
    public void SetDeadline(TimeSpan? fromNow) => throw new InvalidOperationException($"no deadline yet: {fromNow}");

    /// <summary>Stops what runs in the store now, or waits in it for a host function, with a trap of kind Interrupted.</summary>
    /// <remarks>Thread safe. Takes effect within milliseconds. Does nothing when nothing runs.</remarks>
    public void Interrupt() => throw new InvalidOperationException("no interruption yet");

    /// <summary>Frees all instances.</summary>
    public void Dispose()
    {
    }
}
