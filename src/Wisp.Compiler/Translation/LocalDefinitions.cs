using System.Numerics;

namespace Wisp.Compiler.Translation;

// Open addressing with linear probing, at most half full. A slot is taken when its stamp is the current generation, so emptying the
// table between functions writes nothing.

/// <summary>Which value a local has at the end of a block, as far as anybody asked.</summary>
internal sealed class LocalDefinitions
{
    private const int None = -1;

    private Slot[] _slots = new Slot[1024];
    private int _shift = 32 - 10;
    private int _generation = 1;
    private int _count;

    private struct Slot
    {
        public int Generation;
        public int Block;
        public int Local;
        public int Value;
    }

    public void Clear()
    {
        _count = 0;
        if (_generation == int.MaxValue)
        {
            Array.Clear(_slots);
            _generation = 0;
        }

        _generation++;
    }

    /// <summary>The value of a local in a block, or -1.</summary>
    public int Find(int block, int local)
    {
        ref Slot slot = ref SlotOf(block, local);
        return slot.Generation == _generation ? slot.Value : None;
    }

    public void Set(int block, int local, int value)
    {
        ref Slot slot = ref SlotOf(block, local);
        if (slot.Generation != _generation)
        {
            if (++_count > _slots.Length / 2)
            {
                Grow();
                slot = ref SlotOf(block, local);
            }

            slot.Generation = _generation;
            slot.Block = block;
            slot.Local = local;
        }

        slot.Value = value;
    }

    private ref Slot SlotOf(int block, int local)
    {
        Slot[] slots = _slots;
        uint hash = ((uint)block * 0x9E3779B1) + ((uint)local * 0xC2B2AE3D);
        hash = (hash ^ (hash >> 15)) * 0x85EBCA77;
        int i = (int)(hash >> _shift);
        while (slots[i].Generation == _generation && (slots[i].Block != block || slots[i].Local != local))
        {
            i = (i + 1) & (slots.Length - 1);
        }

        return ref slots[i];
    }

    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[checked(old.Length * 2)];
        _shift = 32 - BitOperations.Log2((uint)_slots.Length);
        foreach (Slot slot in old)
        {
            if (slot.Generation == _generation)
            {
                SlotOf(slot.Block, slot.Local) = slot;
            }
        }
    }
}
