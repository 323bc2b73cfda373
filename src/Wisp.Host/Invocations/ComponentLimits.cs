using Wisp.Host.Cgi;

namespace Wisp.Host.Invocations;

/// <summary>What the invocations of one component may use, each of them and all together.</summary>
internal sealed record ComponentLimits
{
    public const int DefaultConcurrency = 1000;
    public const int DefaultQueue = 100;
    public const long DefaultRequestBytes = 30_000_000;

    /// <summary>Linear memory of an instance unless it is said otherwise: so much that one program can hardly take the machine.</summary>
    public const long DefaultMemoryBytes = 1L << 30;

    /// <summary>Table entries of an instance unless it is said otherwise: 8 MB.</summary>
    public const long DefaultTableElements = 1_000_000;

    /// <summary>Linear memories of an instance. Hardly a program has more than one, and each takes its part of the address space.</summary>
    public const int MaxMemories = 16;

    /// <summary>How long a request may take unless it is said otherwise.</summary>
    public static readonly TimeSpan DefaultWallTime = TimeSpan.FromSeconds(30);

    /// <summary>How long a request computes before it takes turns with others that compute.</summary>
    public static readonly TimeSpan DefaultTimeSlice = TimeSpan.FromMilliseconds(10);

    public int Concurrency { get; init; } = DefaultConcurrency;

    /// <summary>Requests that wait for their turn.</summary>
    public int Queue { get; init; } = DefaultQueue;

    public long RequestBytes { get; init; } = DefaultRequestBytes;

    public int ResponseHeadBytes { get; init; } = CgiResponseHead.DefaultMaxBytes;

    public long? ResponseBytes { get; init; }

    public TimeSpan? WallTime { get; init; } = DefaultWallTime;

    /// <summary>What one instance may use; has a time slice.</summary>
    /// <remarks>Processor time is counted in any case, for the record of the invocation.</remarks>
    public StoreLimits Store { get; init => field = value with { CountsCpuTime = true }; }
        = Bounded(Permissions.ResourceLimits.Default) with { CountsCpuTime = true };

    /// <summary>What one instance may use by what was granted; what was not said has the host's bounds, not the engine's.</summary>
    public static StoreLimits Bounded(Permissions.ResourceLimits granted) => GrantedLimits.ToStoreLimits(granted) with
    {
        MaxMemoryBytes = granted.MemoryBytes ?? DefaultMemoryBytes,
        MaxTableElements = granted.TableElements ?? DefaultTableElements,
        MaxMemories = MaxMemories,
        TimeSlice = DefaultTimeSlice,
    };
}
