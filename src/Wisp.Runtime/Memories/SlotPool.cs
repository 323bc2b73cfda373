namespace Wisp.Memories;

// A module asks for its shelf once. A slot on it has the module's heap image mapped already, and mostly the module's context too.
// Where a processor finds one of its own (NearSlots) the lock is not taken.

/// <summary>Idle slots of an engine, as good as new.</summary>
internal sealed class SlotPool
{
    /// <summary>So much may be resident in slots on shelves: 600 slots of one page, or few large ones.</summary>
    private const long MaxKeptBytes = 40 << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<(SlotSize Size, HeapImage? Image), SlotShelf> _shelves = [];
    private readonly NearSlots _near;
    private readonly int _capacity;
    private readonly IdleTrimming _trimming;
    private int _count;        // of those on shelves
    private long _keptBytes;   // in them

    /// <param name="capacity">How many idle slots it keeps.</param>
    /// <param name="trimming">Told when there is something to be trimmed some time.</param>
    public SlotPool(int capacity, IdleTrimming trimming)
    {
        _trimming = trimming;
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
        if (!isKept || !slot.TryReset(use))
        {
            slot.Unmap();
            return;
        }

        if (slot.Shelf != shelf)   // mostly it is; slots of other processors lie in the same line of cache
        {
            slot.Shelf = shelf;
        }

        if ((slot.IsSmall ? _near.Put(slot) : slot) is { } rest)
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

    /// <summary>Gives back the pages of slots that nobody needed since the last time this was called.</summary>
    /// <returns>Whether some are left that keep pages.</returns>
    public bool Trim()
    {
        var slots = new List<MemorySlot>();
        lock (_gate)
        {
            foreach (SlotShelf shelf in _shelves.Values)
            {
                shelf.Idle.TakeUntouched(static slot => slot.KeptBytes > 0, slots);
            }

            _count -= slots.Count;
            _keptBytes -= slots.Sum(static slot => slot.KeptBytes);
        }

        foreach (MemorySlot slot in slots)   // nobody else has them now
        {
            bool isTrimmed = slot.TryGiveBack();
            lock (_gate)
            {
                if (isTrimmed && _count < _capacity && slot.IsReusable)
                {
                    slot.Shelf!.Idle.PutBelow(slot);
                    _count++;
                    continue;
                }
            }

            slot.Unmap();
        }

        return Volatile.Read(ref _keptBytes) > 0;
    }

    private MemorySlot? RentShelved(SlotShelf shelf)
    {
        lock (_gate)
        {
            MemorySlot? slot = shelf.Idle.Pop() ?? shelf.Plain?.Idle.Pop();
            if (slot is not null)
            {
                _count--;
                _keptBytes -= slot.KeptBytes;
            }

            return slot;
        }
    }

    private void Shelve(MemorySlot slot)
    {
        bool isCrowded = Volatile.Read(ref _keptBytes) + slot.KeptBytes > MaxKeptBytes;
        if ((isCrowded && !slot.TryGiveBack()) || !TryShelve(slot))
        {
            slot.Unmap();
        }
    }

    private bool TryShelve(MemorySlot slot)
    {
        lock (_gate)
        {
            if (_count >= _capacity || !slot.IsReusable)
            {
                return false;
            }

            slot.Shelf!.Idle.Push(slot);
            _count++;
            _keptBytes += slot.KeptBytes;
        }

        _trimming.Want();
        return true;
    }

    private void UnmapAll(SlotShelf shelf)
    {
        while (shelf.Idle.Pop() is { } slot)
        {
            slot.Unmap();
            _count--;
            _keptBytes -= slot.KeptBytes;
        }
    }
}
