namespace Wisp.Memories;

/// <summary>Idle slots of one size and heap image.</summary>
internal sealed class SlotShelf(SlotSize size, HeapImage? image, SlotShelf? plain)
{
    public SlotSize Size => size;

    public HeapImage? Image => image;

    /// <summary>Slots of that size without an image, which can get one; null when these are they.</summary>
    public SlotShelf? Plain => plain;

    public Stack<MemorySlot> Idle { get; } = new();
}

// A module asks for its shelf once. A slot on it has the module's heap image mapped already, and mostly the module's context too.

/// <summary>Idle slots of an engine, as good as new.</summary>
internal sealed class SlotPool(int capacity)
{
    /// <summary>So many idle slots may keep their pages: enough for a busy server, and at most 40 MiB.</summary>
    private const int ResidentSlots = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(SlotSize Size, HeapImage? Image), SlotShelf> _shelves = [];
    private int _count;

    /// <summary>Where slots of that kind lie.</summary>
    public SlotShelf ShelfFor(SlotSize size, HeapImage? image)
    {
        SlotShelf? plain = image is null ? null : ShelfFor(size, null);
        lock (_gate)
        {
            if (!_shelves.TryGetValue((size, image), out SlotShelf? shelf))
            {
                _shelves.Add((size, image), shelf = new SlotShelf(size, image, plain));
            }

            return shelf;
        }
    }

    /// <summary>A slot, which may come with the shelf's image or without any; null when the machine has no room.</summary>
    public MemorySlot? Rent(SlotShelf shelf)
    {
        lock (_gate)
        {
            if (shelf.Idle.TryPop(out MemorySlot? slot) || (shelf.Plain is { } plain && plain.Idle.TryPop(out slot)))
            {
                _count--;
                return slot;
            }
        }

        return Reserve(shelf.Size);
    }

    /// <summary>A new slot, or null when the machine has no room.</summary>
    public MemorySlot? Reserve(SlotSize size)
    {
        MemorySlot? reserved = MemorySlot.Reserve(size);
        if (reserved is null && _count > 0)
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
        if (shelf is not null && _count < capacity && slot.IsReusable && slot.TryReset(keepPages: _count < ResidentSlots, use))
        {
            lock (_gate)
            {
                if (slot.IsReusable)
                {
                    shelf.Idle.Push(slot);
                    _count++;
                    return;
                }
            }
        }

        slot.Unmap();
    }

    /// <summary>Drops the slots of a module that is gone, now and when they come back.</summary>
    public void Retire(HeapImage image)
    {
        lock (_gate)
        {
            image.IsRetired = true;
            foreach (SlotShelf shelf in _shelves.Values.Where(shelf => shelf.Image == image).ToArray())
            {
                _shelves.Remove((shelf.Size, shelf.Image));
                UnmapAll(shelf);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (SlotShelf shelf in _shelves.Values)
            {
                UnmapAll(shelf);
            }
        }
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
