namespace Wisp.Memories;

// A module asks for its shelf once. A slot on it has the module's heap image mapped already, and mostly the module's context too.
// Where a processor finds one of its own (NearSlots) the lock is not taken.

/// <summary>Idle slots of an engine, as good as new.</summary>
internal sealed class SlotPool
{
    /// <summary>So many slots on shelves may keep their pages: enough for a busy server, and at most 40 MiB.</summary>
    private const int ResidentSlots = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(SlotSize Size, HeapImage? Image), SlotShelf> _shelves = [];
    private readonly NearSlots _near;
    private readonly int _capacity;
    private int _count;   // of those on shelves

    /// <param name="capacity">How many idle slots it keeps.</param>
    public SlotPool(int capacity)
    {
        _near = new NearSlots(capacity);
        _capacity = capacity - _near.Capacity;
    }

    /// <summary>Where slots of that kind lie.</summary>
    public SlotShelf ShelfFor(SlotSize size, HeapImage? image)
    {
        SlotShelf? plain = image is null ? null : ShelfFor(size, null);
        lock (_gate)
        {
            if (!_shelves.TryGetValue((size, image), out SlotShelf? shelf))
            {
                _shelves.Add((size, image), shelf = new SlotShelf(size, image, plain, _shelves.Count));
            }

            return shelf;
        }
    }

    /// <summary>A slot, which may come with the shelf's image or without any; null when the machine has no room.</summary>
    public MemorySlot? Rent(SlotShelf shelf)
    {
        MemorySlot? near = _near.Take(shelf, out MemorySlot? stray);
        if (stray is not null)
        {
            Shelve(stray);
        }

        return near ?? RentShelved(shelf) ?? Reserve(shelf.Size);
    }

    /// <summary>A new slot, or null when the machine has no room.</summary>
    public MemorySlot? Reserve(SlotSize size)
    {
        MemorySlot? reserved = MemorySlot.Reserve(size);
        if (reserved is null)
        {
            Clear();   // slots of other sizes may be what fills the address space
            reserved = MemorySlot.Reserve(size);
        }

        return reserved;
    }

    /// <summary>Takes a slot back.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="shelf">Where it goes, if there is room; null for one that is not pooled.</param>
    /// <param name="use">What happened in it.</param>
    public void Return(MemorySlot slot, SlotShelf? shelf, in SlotUse use)
    {
        bool isKept = shelf is not null && slot.IsReusable && (_count < _capacity || _near.Capacity > 0);
        if (!isKept || !slot.TryReset(keepPages: _count < ResidentSlots, use))
        {
            slot.Unmap();
            return;
        }

        if (slot.Shelf != shelf)   // mostly it is; slots of other processors lie in the same line of cache
        {
            slot.Shelf = shelf;
        }

        if (_near.Put(slot) is { } rest)
        {
            Shelve(rest);
        }

        if (shelf!.Image is { IsRetired: true } retired)
        {
            Retire(retired);   // since it was asked above, so it may not have seen this slot
        }
    }

    /// <summary>Drops the slots of a module that is gone, now and when they come back.</summary>
    public void Retire(HeapImage image)
    {
        image.IsRetired = true;
        Interlocked.MemoryBarrier();   // a slot put down after this is taken up again by who did it
        _near.UnmapAll(slot => slot.Image == image);
        lock (_gate)
        {
            foreach (SlotShelf shelf in _shelves.Values.Where(shelf => shelf.Image == image).ToArray())
            {
                _shelves.Remove((shelf.Size, shelf.Image));
                UnmapAll(shelf);
            }
        }
    }

    public void Clear()
    {
        _near.UnmapAll(static _ => true);
        lock (_gate)
        {
            foreach (SlotShelf shelf in _shelves.Values)
            {
                UnmapAll(shelf);
            }
        }
    }

    private MemorySlot? RentShelved(SlotShelf shelf)
    {
        lock (_gate)
        {
            if (shelf.Idle.TryPop(out MemorySlot? slot) || (shelf.Plain is { } plain && plain.Idle.TryPop(out slot)))
            {
                _count--;
                return slot;
            }
        }

        return null;
    }

    private void Shelve(MemorySlot slot)
    {
        lock (_gate)
        {
            if (_count < _capacity && slot.IsReusable)
            {
                slot.Shelf!.Idle.Push(slot);
                _count++;
                return;
            }
        }

        slot.Unmap();
    }

    private void UnmapAll(SlotShelf shelf)
    {
        while (shelf.Idle.TryPop(out MemorySlot? slot))
        {
            slot.Unmap();
            _count--;
        }
    }
}
