namespace Wisp.Memories;

/// <summary>Idle slots of an engine, by size, all zero.</summary>
internal sealed class SlotPool(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SlotSize, Stack<MemorySlot>> _idle = [];
    private int _count;

    /// <summary>A slot of that size, or null when the machine has no room.</summary>
    public MemorySlot? Rent(SlotSize size)
    {
        lock (_gate)
        {
            if (_idle.TryGetValue(size, out Stack<MemorySlot>? slots) && slots.TryPop(out MemorySlot? slot))
            {
                _count--;
                return slot;
            }
        }

        return MemorySlot.Reserve(size);
    }

    public void Return(MemorySlot slot)
    {
        if (_count < capacity && slot.Size.IsPooled && slot.TryReset())
        {
            lock (_gate)
            {
                if (!_idle.TryGetValue(slot.Size, out Stack<MemorySlot>? slots))
                {
                    _idle.Add(slot.Size, slots = new Stack<MemorySlot>());
                }

                slots.Push(slot);
                _count++;
                return;
            }
        }

        slot.Unmap();
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (Stack<MemorySlot> slots in _idle.Values)
            {
                while (slots.TryPop(out MemorySlot? slot))
                {
                    slot.Unmap();
                }
            }

            _count = 0;
        }
    }
}
