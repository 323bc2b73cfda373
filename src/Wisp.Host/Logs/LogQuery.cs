namespace Wisp.Host.Logs;

/// <summary>Which lines of a log are wanted, the oldest first.</summary>
internal sealed record LogQuery
{
    /// <summary>The most that may be asked for with <see cref="Tail"/>.</summary>
    public const int MaxTail = 10_000;

    /// <summary>So many of the last lines that fit the rest; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>None that is older; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those of an invocation; null for all.</summary>
    public long? Invocation { get; init; }

    /// <summary>Whether to wait for lines that are still to come, until cancelled.</summary>
    public bool Follow { get; init; }
}
