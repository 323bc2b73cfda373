namespace Wisp.Memories;

/// <summary>Idle slots of an engine, by size and heap image, as good as new.</summary>
internal sealed class SlotPool(int capacity)
{
    // So many idle slots may keep their pages: enough for a busy server, at most 20 MiB.
    private const int ResidentSlots = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(SlotSize Size, HeapImage? Image), Stack<MemorySlot>> _idle = [];
    private int _count;

    /// <summary>A slot of that size, or null when the machine has no room.</summary>
    /// <param name="size">The size.</param>
    /// <param name="image">The heap image wanted: a slot may come with it, or without any.</param>
    public MemorySlot? Rent(SlotSize size, HeapImage? image)
    {
        lock (_gate)
        {
            if (TryTake(size, image, out MemorySlot? slot) || (image is not null && TryTake(size, null, out slot)))
            {
                return slot;
            }
        }

        MemorySlot? reserved = MemorySlot.Reserve(size);
        if (reserved is null && _count > 0)
        {
            Clear();   // slots of other sizes may be what fills the address space
            reserved = MemorySlot.Reserve(size);
        }

        return reserved;
    }

    public void Return(MemorySlot slot)
    {
        if (_count < capacity && slot.IsReusable && slot.TryReset(keepResident: _count < ResidentSlots))
        {
            lock (_gate)
            {
                if (slot.IsReusable)
                {
                    if (!_idle.TryGetValue((slot.Size, slot.Image), out Stack<MemorySlot>? slots))
                    {
                        _idle.Add((slot.Size, slot.Image), slots = new Stack<MemorySlot>());
                    }

                    slots.Push(slot);
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
            foreach ((SlotSize Size, HeapImage? Image) key in _idle.Keys.Where(key => key.Image == image).ToArray())
            {
                _idle.Remove(key, out Stack<MemorySlot>? slots);
                _count -= slots!.Count;
                UnmapAll(slots);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (Stack<MemorySlot> slots in _idle.Values)
            {
                UnmapAll(slots);
            }

            _idle.Clear();
            _count = 0;
        }
    }

    private static void UnmapAll(Stack<MemorySlot> slots)
    {
        while (slots.TryPop(out MemorySlot? slot))
        {
            slot.Unmap();
        }
    }

    private bool TryTake(SlotSize size, HeapImage? image, out MemorySlot? slot)
    {
        slot = null;
        if (!_idle.TryGetValue((size, image), out Stack<MemorySlot>? slots) || !slots.TryPop(out slot))
        {
            return false;
        }

        _count--;
        return true;
    }
}
