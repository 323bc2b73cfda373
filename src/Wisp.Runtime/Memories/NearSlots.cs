using Wisp.Platform;

namespace Wisp.Memories;

// What a processor cleared last lies in its caches, and nobody waits for anybody here. Each processor has a few places, for slots of
// different shelves:
//
//   ┌────────────────── processor 0 ──────────────────┬──── processor 1 ─── ...
//   │ slot │ slot │ null │ slot │ (rest of two lines) │
//   └─────────────────────────────────────────────────┴─────────────────── ...
//
// A slot in a place is idle and belongs to whoever takes it out, by exchange; only then may its shelf be believed.

/// <summary>A few idle slots of an engine by processor.</summary>
internal sealed class NearSlots
{
    private const int MostEach = 4;
    private const int Stride = ProcessorPlace.Bytes / 8;

    private readonly MemorySlot?[] _places;
    private readonly int _each;

    /// <param name="most">How many it may hold in all.</param>
    public NearSlots(int most)
    {
        _each = Math.Min(MostEach, most / ProcessorPlace.Count);
        _places = new MemorySlot?[(ProcessorPlace.Count + 1) * Stride];   // the first place is the array's length and slack
    }

    /// <summary>How many it may hold.</summary>
    public int Capacity => _each * ProcessorPlace.Count;

    /// <summary>Takes a slot of a shelf.</summary>
    /// <param name="shelf">The shelf.</param>
    /// <param name="stray">A slot of another shelf that was taken by mistake, to be put elsewhere; mostly null.</param>
    public MemorySlot? Take(SlotShelf shelf, out MemorySlot? stray)
    {
        stray = null;
        foreach (ref MemorySlot? place in Here())
        {
            MemorySlot? slot = Volatile.Read(ref place);
            if (slot is not null && slot.Shelf == shelf && Interlocked.CompareExchange(ref place, null, slot) == slot)
            {
                if (slot.Shelf == shelf)
                {
                    return slot;
                }

                stray = slot;   // went out and came back of another shelf between the two looks
                return null;
            }
        }

        return null;
    }

    /// <summary>Puts a slot down, unless its shelf is found to have one here already.</summary>
    /// <param name="slot">The slot, restored; its shelf is set.</param>
    /// <returns>What has no place here: null, the slot itself, or one of another shelf that made room for it.</returns>
    public MemorySlot? Put(MemorySlot slot)
    {
        Span<MemorySlot?> here = Here();
        foreach (ref MemorySlot? place in here)
        {
            MemorySlot? other = Volatile.Read(ref place);
            if (other is null && Interlocked.CompareExchange(ref place, slot, null) is null)
            {
                return null;
            }

            if (other?.Shelf == slot.Shelf)
            {
                return slot;
            }
        }

        // Slots of modules that nobody calls any more must not keep the places.
        return here.IsEmpty ? slot : Interlocked.Exchange(ref here[slot.Shelf!.Number % here.Length], slot);
    }

    /// <summary>Frees the slots that a condition holds for. One that it held for a moment ago may go too, which does no harm.</summary>
    public void UnmapAll(Func<MemorySlot, bool> condition)
    {
        foreach (ref MemorySlot? place in _places.AsSpan())
        {
            MemorySlot? slot = Volatile.Read(ref place);
            if (slot is not null && condition(slot) && Interlocked.CompareExchange(ref place, null, slot) == slot)
            {
                slot.Unmap();
            }
        }
    }

    private Span<MemorySlot?> Here() => _places.AsSpan((ProcessorPlace.Here + 1) * Stride, _each);
}
