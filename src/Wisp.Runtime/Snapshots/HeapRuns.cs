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

        for (long gap = ShortGapPages * 2; runs.Count > FewRuns; gap *= 2)
        {
            var merged = new List<HeapRun>();
            foreach (HeapRun run in runs)
            {
                Add(merged, run, gap);
            }

            runs = merged;
        }

        all.AddRange(runs);
    }

    private static void Add(List<HeapRun> runs, HeapRun run, long gap)
    {
        if (runs.Count > 0 && runs[^1] is var last
            && (long)(run.Address - last.Address) - last.Bytes <= gap * VmLayout.PageBytes)
        {
            uint pages = (uint)((run.Address - last.Address) / VmLayout.PageBytes) + run.Pages;
            runs[^1] = last with { Pages = pages };
            return;
        }

        runs.Add(run);
    }
}
