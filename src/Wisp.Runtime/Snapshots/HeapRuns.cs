using Wisp.Abi;
using Wisp.Abi.Images;

namespace Wisp.Snapshots;

// Pages of zeros are left out, but not at any price: each run of memory 0 is a mapping of each instance, which the machine has a limit
// on (65,530 in a process unless said otherwise), and costs a call of the kernel when a slot gets it. So short gaps are kept as they
// are, and longer ones too as long as there would be too many runs.

/// <summary>Finds the pages of an instance's memories that are not zero.</summary>
internal static class HeapRuns
{
    private const int FewRuns = 8;
    private const long ShortGapPages = 16;

    /// <summary>Runs of pages, sorted by memory and address.</summary>
    /// <exception cref="SnapshotException">There are too many memories.</exception>
    public static HeapRun[] Find(Instance instance, int memories)
    {
        var runs = new List<HeapRun>();
        for (int memory = 0; memory < memories; memory++)
        {
            AddRuns(instance.MemoryOf(memory).Guest, memory, runs);
        }

        return runs.Count <= ImageFormat.MaxHeapRuns
            ? [.. runs]
            : throw new SnapshotException($"{memories} memories lie in more pieces than an image can keep");
    }

    private static void AddRuns(GuestMemory memory, int index, List<HeapRun> all)
    {
        var runs = new List<HeapRun>();
        for (ulong at = 0; memory.TrySlice(at, VmLayout.PageBytes, out Span<byte> page); at += VmLayout.PageBytes)
        {
            if (page.ContainsAnyExcept((byte)0))
            {
                Add(runs, new HeapRun(at, 1, (uint)index), ShortGapPages);
            }
        }

        if (runs.Count <= FewRuns)
        {
            all.AddRange(runs);
            return;
        }

        // The longest gaps stay, so that no more zeros are kept than that many runs take.
        HashSet<int> kept = [.. Enumerable.Range(1, runs.Count - 1).OrderByDescending(i => GapBefore(runs, i)).Take(FewRuns - 1)];
        var merged = new List<HeapRun>(FewRuns);
        for (int i = 0; i < runs.Count; i++)
        {
            Add(merged, runs[i], kept.Contains(i) ? -1 : long.MaxValue);
        }

        all.AddRange(merged);
    }

    private static long GapBefore(List<HeapRun> runs, int i) => (long)(runs[i].Address - runs[i - 1].Address) - runs[i - 1].Bytes;

    /// <summary>Adds a run, joined to the one before when the gap between them is short.</summary>
    private static void Add(List<HeapRun> runs, HeapRun run, long gapPages)
    {
        if (runs.Count > 0 && runs[^1] is var last
            && ((long)(run.Address - last.Address) - last.Bytes) / VmLayout.PageBytes <= gapPages)
        {
            runs[^1] = last with { Pages = checked((uint)((run.Address - last.Address) / VmLayout.PageBytes) + run.Pages) };
            return;
        }

        runs.Add(run);
    }
}
