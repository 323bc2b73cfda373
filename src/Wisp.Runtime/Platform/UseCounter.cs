namespace Wisp.Platform;

// 1. A use ends at the place where it began, so no count is ever below zero.
// 2. Closing comes before looking whether all counts are zero, and beginning a use before looking whether it is closed, with a fence
//    between: so a use that began without being turned away is seen by everyone who looks afterwards.
// 3. Hence counts found zero one after another, after closing, tell that no use is left: none can have begun meanwhile.

/// <summary>Counts uses of something that all processors use at once and that goes with its last use once it is closed.</summary>
internal sealed class UseCounter
{
    private const int Stride = ProcessorPlace.Bytes / sizeof(int);

    private readonly int[] _counts = new int[(ProcessorPlace.Count + 1) * Stride];   // the first place is the array's length and slack
    private volatile bool _isClosed;

    /// <summary>Begins a use.</summary>
    /// <param name="place">What <see cref="End"/> wants to know.</param>
    /// <returns>False when it is closed; the use must be ended nevertheless.</returns>
    public bool Begin(out int place)
    {
        place = (ProcessorPlace.Here + 1) * Stride;
        Interlocked.Increment(ref _counts[place]);
        return !_isClosed;
    }

    /// <summary>Ends a use.</summary>
    /// <param name="place">Where it began.</param>
    /// <returns>Whether nothing is used any more. Several callers may be told.</returns>
    public bool End(int place) => Interlocked.Decrement(ref _counts[place]) == 0 && _isClosed && IsUnused();

    /// <summary>Turns new uses away.</summary>
    /// <returns>Whether nothing is used any more. Several callers may be told.</returns>
    public bool Close()
    {
        _isClosed = true;
        Interlocked.MemoryBarrier();
        return IsUnused();
    }

    private bool IsUnused()
    {
        for (int i = 1; i <= ProcessorPlace.Count; i++)
        {
            if (Volatile.Read(ref _counts[i * Stride]) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
