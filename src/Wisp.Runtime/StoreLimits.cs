namespace Wisp;

/// <summary>What the instances of one <see cref="Store"/> may use together.</summary>
public sealed record StoreLimits
{
    /// <summary>Bytes of all linear memories. Default: 4 GiB. <c>memory.grow</c> past it returns -1.</summary>
    public long MaxMemoryBytes { get; init; } = 1L << 32;

    /// <summary>
    /// Linear memories. Default: 10,000. Each takes address space, several GiB where it is guarded, however few bytes it has.
    /// </summary>
    public int MaxMemories { get; init; } = 10_000;

    /// <summary>Elements of all tables. Default: 10,000,000. <c>table.grow</c> past it returns -1.</summary>
    public long MaxTableElements { get; init; } = 10_000_000;

    /// <summary>Bytes of the stack of one call from the host. Default: zero, the engine's own default.</summary>
    public int StackBytes { get; init; }

    /// <summary>Processor time of all calls together. Default: null, unlimited. Past it calls trap with CpuTimeExceeded.</summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>Whether <see cref="Store.CpuTimeUsed"/> counts without a limit too. Default: false. Costs two looks at a clock a call.</summary>
    public bool CountsCpuTime { get; init; }

    /// <summary>
    /// How long a call by <see cref="Function.InvokeAsync"/> keeps its thread. Past it the call goes on in threads of their own, as many
    /// as processors, taking turns of this length with others that compute, and returns to the thread pool when it is done or waits.
    /// Default: null, it keeps its thread until then. Some milliseconds are useful; each turn costs microseconds.
    /// </summary>
    public TimeSpan? TimeSlice { get; init; }

    /// <summary>Instances. Default: 10,000.</summary>
    public int MaxInstances { get; init; } = 10_000;
}
