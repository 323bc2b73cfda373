using System.Runtime.InteropServices;
using Wisp.Platform.Linux;

namespace Wisp.Memories;

// https://docs.kernel.org/admin-guide/mm/pagemap.html: PAGEMAP_SCAN, since Linux 6.7
//
// A page of a private mapping that is anonymous (not a page of the file, not the shared page of zeros) and present or swapped out was
// written since the mapping was made or last advised away, by whomever: guest, host function or kernel. Restoring just these keeps
// them for the next instance: no page fault then, and no translation to be forgotten by other processors now.

/// <summary>Finds the pages of a private mapping that were written.</summary>
internal static unsafe class DirtyPages
{
    /// <summary>Runs of pages that one look can report.</summary>
    public const int MaxRuns = 64;

    private const nuint PageMapScan = 0xC0606610;
    private const ulong PageIsFile = 1 << 2;
    private const ulong PageIsPresent = 1 << 3;
    private const ulong PageIsSwapped = 1 << 4;
    private const ulong PageIsZero = 1 << 5;

    private static readonly int PageMap = Open();

    /// <summary>Addresses of written pages, as far as there is room for them.</summary>
    /// <param name="start">First byte, page aligned.</param>
    /// <param name="end">End, page aligned.</param>
    /// <param name="maxPages">Most pages that it reports at a time.</param>
    /// <param name="runs">Gets the runs, <see cref="MaxRuns"/> at most.</param>
    /// <param name="count">How many runs there are.</param>
    /// <param name="next">Where to look next; the end when nothing is left.</param>
    /// <returns>False when the kernel cannot tell.</returns>
    public static bool TryFind(nint start, nint end, long maxPages, Span<PageRun> runs, out int count, out nint next)
    {
        count = 0;
        next = start;
        if (PageMap < 0)
        {
            return false;
        }

        // SAFETY: the kernel writes at most MaxRuns runs, which the span has room for, and reads the argument only.
        fixed (PageRun* first = runs)
        {
            var scan = new ScanArgument
            {
                Size = (ulong)sizeof(ScanArgument),
                Start = (ulong)start,
                End = (ulong)end,
                Runs = (ulong)first,
                RunCount = (ulong)runs.Length,
                MaxPages = (ulong)maxPages,
                Inverted = PageIsFile | PageIsZero,
                All = PageIsFile | PageIsZero,
                Any = PageIsPresent | PageIsSwapped,
                Returned = PageIsPresent,
            };
            count = Libc.Control(PageMap, PageMapScan, &scan);
            next = (nint)scan.WalkEnd;
            return count >= 0 && next > start;
        }
    }

    private static int Open()
    {
        fixed (byte* path = "/proc/self/pagemap\0"u8)
        {
            return Libc.OpenFile(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        }
    }

    /// <summary>struct page_region.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct PageRun
    {
        public readonly ulong Start;
        public readonly ulong End;
        private readonly ulong _categories;
    }

    // struct pm_scan_arg
    [StructLayout(LayoutKind.Sequential)]
    private struct ScanArgument
    {
        public ulong Size;
        public ulong Flags;
        public ulong Start;
        public ulong End;
        public ulong WalkEnd;
        public ulong Runs;
        public ulong RunCount;
        public ulong MaxPages;
        public ulong Inverted;
        public ulong All;
        public ulong Any;
        public ulong Returned;
    }
}
