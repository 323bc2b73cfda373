using System.Numerics;

namespace Wisp.Platform;

// Data that all threads write costs each of them the line of cache that another processor had last: 50 to 100 ns here, as much as all
// the rest of an instance's bookkeeping. So such data has one place for each processor. A thread may be moved between finding its
// place and using it, so a place is still shared and written with interlocked instructions, which are cheap on a line of its own.

/// <summary>Where the processor that runs this thread keeps its part of shared data.</summary>
internal static class ProcessorPlace
{
    /// <summary>Bytes between places: two lines of cache, because processors fetch them in pairs.</summary>
    public const int Bytes = 128;

    /// <summary>How many places there are; a power of two. Past that, processors share.</summary>
    public static readonly int Count = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 64));

    /// <summary>The place of this processor, below <see cref="Count"/>.</summary>
    public static int Here => Thread.GetCurrentProcessorId() & (Count - 1);
}
