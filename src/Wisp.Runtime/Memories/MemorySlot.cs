using System.Runtime.InteropServices;
using Wisp.Abi;
using Wisp.Platform.Linux;

namespace Wisp.Memories;

// One reservation of address space: a context, and a linear memory right behind it. VmLayout draws it. A memory other than memory 0,
// and one of the host's own, has a slot too, whose context holds nothing but its VmMemory.
//
// 1. [Origin - ContextBytes, Origin + CommittedBytes) can be read and written, the rest of the reservation not at all.
// 2. CommittedBytes is the memory's length exactly, so that the first byte past it faults.
// 3. A slot from the pool is all zero but for its heap image, which is as in its file.

/// <summary>Address space of one instance or memory.</summary>
internal sealed class MemorySlot
{
    /// <summary>A slot of at most so many bytes may stay resident while it is idle: four pages of memory and a context.</summary>
    private const long ResidentBytes = (4 * VmLayout.WasmPageBytes) + (16 * VmLayout.PageBytes);

    private readonly nint _mapping;
    private readonly nuint _mappingBytes;
    private bool _isFree;

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

    /// <summary>Makes the memory so many bytes long and gives it its first contents.</summary>
    /// <returns>False when the machine has no room; the slot is then good for nothing but to be unmapped.</returns>
    public bool TryPrepare(long bytes, HeapImage? image)
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

        return true;
    }

    /// <summary>Makes all bytes as at first; what is committed stays committed.</summary>
    /// <param name="keepResident">
    /// Whether a small slot may keep its pages, cleared, instead of giving them back: clearing them costs less than the faults that
    /// bring new ones, and no other thread has to forget translations.
    /// </param>
    public bool TryReset(bool keepResident)
    {
        long bytes = Size.ContextBytes + CommittedBytes;
        if (keepResident && Image is null && bytes <= ResidentBytes)
        {
            RawMemory.Clear(_mapping, (int)bytes);
            return true;
        }

        return Libc.Advise(_mapping, (nuint)bytes, Libc.MadvDontNeed) == 0;
    }

    public void Unmap()
    {
        if (!_isFree)
        {
            _isFree = true;
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
