using System.Runtime.InteropServices;
using Wisp.Abi;
using Wisp.Linking;
using Wisp.Platform.Linux;

namespace Wisp.Memories;

// One reservation of address space: a context, and a linear memory right behind it. VmLayout draws it. A memory other than memory 0,
// and one of the host's own, has a slot too, whose context holds nothing but its VmMemory.
//
// 1. [Origin - ContextBytes, Origin + CommittedBytes) can be read and written, the rest of the reservation not at all.
// 2. CommittedBytes is the memory's length exactly, so that the first byte past it faults.
// 3. The memory of a slot from the pool is all zero but for its heap image, which is as in its file.
// 4. Its context is as its last owner left it. Whoever takes it over from another owner gets it cleared; the same owner overwrites
//    all that it reads.

/// <summary>Address space of one instance or memory.</summary>
internal sealed class MemorySlot
{
    /// <summary>A memory of at most so many bytes is cleared: that takes no longer than to ask which pages were written.</summary>
    private const long ClearedBytes = VmLayout.WasmPageBytes;

    /// <summary>A context of at most so many bytes stays resident.</summary>
    private const int ResidentContextBytes = 128 << 10;

    /// <summary>So much is always restored in place, which takes at most 10 µs.</summary>
    private const long FewBytes = 128 * VmLayout.PageBytes;

    /// <summary>More is never: 8 MiB, which take 160 µs instead of 2.8 ms, but idle slots must stay small.</summary>
    private const long MaxRestoredBytes = 16 * FewBytes;

    /// <summary>
    /// One reset in so many gives back what is more than a few pages: restored pages look as if written, whether the next instance
    /// writes them or not.
    /// </summary>
    private const int RestoresInTurn = 16;

    private readonly nint _mapping;
    private readonly nuint _mappingBytes;
    private object? _owner;
    private int _restoresLeft = RestoresInTurn;

    private MemorySlot(nint mapping, nuint mappingBytes, SlotSize size)
    {
        _mapping = mapping;
        _mappingBytes = mappingBytes;
        Size = size;
        Origin = mapping + size.ContextBytes;
    }

    ~MemorySlot() => Unmap();

    /// <summary>The end of the context and the start of the memory: r15 of the instance.</summary>
    public nint Origin { get; }

    public SlotSize Size { get; }

    public long CommittedBytes { get; private set; }

    /// <summary>What is mapped into the memory; null when all of it starts as zero.</summary>
    public HeapImage? Image { get; private set; }

    /// <summary>Whether it was given back to the machine.</summary>
    public bool IsFree { get; private set; }

    /// <summary>Where it goes in the pool; only while it is idle.</summary>
    public SlotShelf? Shelf { get; set; }

    /// <summary>At most so many bytes of it are resident while it is idle.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>Whether it keeps few pages while it is idle.</summary>
    public bool IsSmall => KeptBytes <= FewBytes + ResidentContextBytes;

    /// <summary>Whether a pool may keep it.</summary>
    public bool IsReusable => Size.IsPooled && Image is not { IsRetired: true };

    /// <summary>Reserves a slot and commits its context.</summary>
    /// <returns>The slot, or null when the machine has no room.</returns>
    public static MemorySlot? Reserve(SlotSize size)
    {
        nuint bytes = (nuint)size.ContextBytes + (nuint)size.ReservedBytes;
        nint mapping = Libc.Reserve(bytes);
        if (mapping == Libc.MapFailed)
        {
            return null;
        }

        if (Libc.Protect(mapping, (nuint)size.ContextBytes, Libc.ProtRead | Libc.ProtWrite) != 0)
        {
            Libc.Unmap(mapping, bytes);
            return null;
        }

        return new MemorySlot(mapping, bytes, size);
    }

    /// <summary>Makes the memory exactly so many bytes long; those that it gains are zero.</summary>
    /// <returns>False, with nothing changed, when the machine has no room.</returns>
    public bool TryCommit(long bytes)
    {
        long change = bytes - CommittedBytes;
        if (change == 0)
        {
            return true;
        }

        int result = change > 0
            ? Libc.Protect(Origin + (nint)CommittedBytes, (nuint)change, Libc.ProtRead | Libc.ProtWrite)
            : Libc.Protect(Origin + (nint)bytes, (nuint)(-change), Libc.ProtNone);
        if (result != 0)
        {
            return false;
        }

        CommittedBytes = bytes;
        return true;
    }

    /// <summary>Makes the memory so many bytes long and gives it its first contents, and makes sure that the context shows nothing.</summary>
    /// <param name="bytes">Length of the memory.</param>
    /// <param name="image">What is mapped into it.</param>
    /// <param name="owner">Whose context it will hold. The same owner as before finds its own there.</param>
    /// <returns>False when the machine has no room; the slot is then good for nothing but to be unmapped.</returns>
    public bool TryPrepare(long bytes, HeapImage? image, object owner)
    {
        if (Image is not null && Image != image)
        {
            return false;
        }

        if (!TryCommit(bytes))
        {
            return false;
        }

        if (Image != image)
        {
            if (!image!.TryMap(Origin))
            {
                return false;
            }

            Image = image;
        }

        if (_owner != owner)
        {
            if (_owner is not null)
            {
                RawMemory.Clear(_mapping, Size.ContextBytes);
            }

            _owner = owner;
        }

        return true;
    }

    /// <summary>Makes the memory as at first; what is committed stays committed.</summary>
    /// <remarks>
    /// Pages that were written are restored where that costs less than the faults that bring new ones, which also spares other threads
    /// from having to forget translations.
    /// </remarks>
    /// <param name="use">What may have been written.</param>
    public bool TryReset(in SlotUse use)
    {
        if (Size.ContextBytes > ResidentContextBytes)
        {
            return TryGiveBack();
        }

        if (!use.WasRun)
        {
            long written = Size.ContextBytes;
            foreach (InstanceTemplate.DataCopy copied in use.Copied)
            {
                RawMemory.Clear(Origin + copied.To, copied.Count);
                written += copied.Count + (2 * VmLayout.PageBytes);
            }

            KeptBytes = Math.Max(KeptBytes, written);
            return true;
        }

        if (CommittedBytes <= ClearedBytes && Image is null)
        {
            RawMemory.Clear(Origin, (int)CommittedBytes);
            KeptBytes = Size.ContextBytes + CommittedBytes;
            return true;
        }

        if (TryRestorePages(out long restored))
        {
            KeptBytes = Size.ContextBytes + restored;
            return true;
        }

        _restoresLeft = RestoresInTurn;
        KeptBytes = Size.ContextBytes;
        return Libc.Advise(Origin, (nuint)CommittedBytes, Libc.MadvDontNeed) == 0;
    }

    /// <summary>Gives all its pages back to the machine, after which context and memory are as at first.</summary>
    public bool TryGiveBack()
    {
        _owner = null;
        KeptBytes = 0;
        return Libc.Advise(_mapping, (nuint)(Size.ContextBytes + CommittedBytes), Libc.MadvDontNeed) == 0;
    }

    private bool TryRestorePages(out long restored)
    {
        Span<DirtyPages.PageRun> runs = stackalloc DirtyPages.PageRun[DirtyPages.MaxRuns];
        nint end = Origin + (nint)CommittedBytes;
        long most = _restoresLeft > 0 ? MaxRestoredBytes : FewBytes;
        restored = 0;
        for (nint next = Origin; next < end;)
        {
            if (!DirtyPages.TryFind(next, end, (most / VmLayout.PageBytes) + 1, runs, out int count, out next))
            {
                return false;
            }

            foreach (DirtyPages.PageRun run in runs[..count])
            {
                long bytes = (long)(run.End - run.Start);
                restored += bytes;
                if (restored > most)
                {
                    return false;
                }

                Restore((nint)run.Start, (int)bytes);
            }
        }

        if (restored > FewBytes)
        {
            _restoresLeft--;
        }

        return true;
    }

    private void Restore(nint start, int bytes)
    {
        if (Image is null)
        {
            RawMemory.Clear(start, bytes);
        }
        else
        {
            Image.Restore(Origin, start - Origin, bytes);
        }
    }

    public void Unmap()
    {
        if (!IsFree)
        {
            IsFree = true;
            Libc.Unmap(_mapping, _mappingBytes);
        }
    }

    public static InsufficientMemoryException OutOfMemory(SlotSize size) => new(
        $"no address space for {size.ContextBytes + size.ReservedBytes} bytes ({Marshal.GetLastPInvokeErrorMessage()}); "
        + "raise ulimit -v or vm.max_map_count, or choose explicit memory bounds");
}

/// <summary>What two slots must have in common for one to stand in for the other.</summary>
/// <param name="ContextBytes">Bytes below the origin, whole pages.</param>
/// <param name="ReservedBytes">Bytes above it, guard included; zero for none.</param>
internal readonly record struct SlotSize(int ContextBytes, long ReservedBytes)
{
    /// <summary>Whether a pool keeps such slots. Not those of odd sizes: where address space is short, none must be hoarded.</summary>
    public bool IsPooled => ReservedBytes is 0 or VmLayout.ReservedBytes + VmLayout.GuardBytes;

    /// <summary>A context without a memory.</summary>
    public static SlotSize ContextOnly(int contextBytes) => new(contextBytes, 0);

    /// <summary>A memory whose accesses need no check.</summary>
    public static SlotSize Guarded(int contextBytes) => new(contextBytes, VmLayout.ReservedBytes + VmLayout.GuardBytes);
}
