using System.Numerics;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// What found no register, or has no use for one: a second chance in what registers are left, then slots, shared between sets
// whose lives do not overlap. Constants need neither: they are made again.
internal sealed partial class BundleAllocator
{
    private const int MaxSlotsProbed = 64;

    private readonly GrowableArray<int> _slotEnds = new();
    private readonly GrowableArray<int> _wideSlotEnds = new();
    private readonly GrowableArray<int> _slotNumbers = new();
    private readonly GrowableArray<int> _wideSlotNumbers = new();
    private readonly Location[] _temporarySlots = new Location[2];

    /// <inheritdoc/>
    public Location TemporarySlot(RegisterClass registerClass)
    {
        bool wide = registerClass == RegisterClass.Vector;
        ref Location slot = ref _temporarySlots[wide ? 1 : 0];
        if (slot == Location.None)
        {
            slot = Location.Slot(_allocation.SlotCount);
            _allocation.SlotCount += wide ? 2 : 1;
        }

        return slot;
    }

    private void SpillAll(int number)
    {
        int r = _bundles[number].First;
        int set = _bundles[number].SpillSet;
        _bundles[number].First = None;
        while (r != None)
        {
            int next = _ranges[r].Next;
            AddToSpillBundle(set, r);
            r = next;
        }
    }

    private void AddToSpillBundle(int set, int range)
    {
        int spill = _spillSets[set].SpillBundle;
        if (spill == None)
        {
            spill = _bundles.Add(new LiveBundle
            {
                First = None,
                SpillSet = set,
                Class = _function.Classes[_ranges[range].Vreg],
                Register = NoRegister,
                Hint = NoRegister,
                IsSpill = true,
            });
            _spillSets[set].SpillBundle = spill;
        }

        // Order comes later, see OrderRanges.
        _ranges[range].Bundle = spill;
        _ranges[range].Next = _bundles[spill].First;
        _bundles[spill].First = range;
    }

    private void PlaceSpilled()
    {
        _temporarySlots.AsSpan().Fill(Location.None);
        _sortKeys.Clear();
        for (int set = 0; set < _spillSets.Count; set++)
        {
            int spill = _spillSets[set].SpillBundle;
            if (spill != None && HoldsMoreThanConstants(spill))
            {
                OrderRanges(spill);
                uint weight = BitConverter.SingleToUInt32Bits(_bundles[spill].TotalWeight);
                _sortKeys.Add(((ulong)~weight << 32) | (uint)set);
            }
        }

        _sortKeys.Span.Sort();
        _slotSets.Clear();
        foreach (ulong key in _sortKeys.Span)
        {
            int set = (int)(uint)key;
            if (!TrySecondChance(_spillSets[set].SpillBundle))
            {
                _slotSets.Add(((ulong)(uint)_spillSets[set].From << 32) | (uint)set);
            }
        }

        PlaceInSlots();
    }

    private readonly GrowableArray<ulong> _slotSets = new();

    private bool HoldsMoreThanConstants(int spill)
    {
        for (int r = _bundles[spill].First; r != None; r = _ranges[r].Next)
        {
            if (_constantInst[_ranges[r].Vreg] == None)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sorts a spill bundle's ranges and joins those of one value that meet.</summary>
    private void OrderRanges(int spill)
    {
        _rangeKeys.Clear();
        float weight = 0;
        for (int r = _bundles[spill].First; r != None; r = _ranges[r].Next)
        {
            _rangeKeys.Add(((ulong)(uint)_ranges[r].From << 32) | (uint)r);
            foreach (ref readonly ValueUse use in _uses.Span.Slice(_ranges[r].FirstUse, _ranges[r].UseCount))
            {
                weight += use.Weight;
            }
        }

        _rangeKeys.Span.Sort();
        int last = None;
        foreach (ulong key in _rangeKeys.Span)
        {
            int r = (int)(uint)key;
            if (last != None && _ranges[last].Vreg == _ranges[r].Vreg && _ranges[r].From <= _ranges[last].To)
            {
                _ranges[last].To = Math.Max(_ranges[last].To, _ranges[r].To);
                _ranges[r].Vreg = None;
                continue;
            }

            if (last == None)
            {
                _bundles[spill].First = r;
            }
            else
            {
                _ranges[last].Next = r;
            }

            last = r;
        }

        _ranges[last].Next = None;
        _bundles[spill].Last = last;
        _bundles[spill].TotalWeight = weight;
    }

    private readonly GrowableArray<ulong> _rangeKeys = new();

    private bool TrySecondChance(int spill)
    {
        FindBlocked(spill);
        uint free = RegistersOf(_bundles[spill].Class) & ~_blocked
            & (~_function.CalleeSavedRegisters | _usedCalleeSaved);
        int hint = _spillSets[_bundles[spill].SpillSet].Hint;
        float lightest = 0;
        if (hint != NoRegister && (free >> hint & 1) != 0 && TryRegister(spill, hint, ref lightest))
        {
            return true;
        }

        for (uint rest = free; rest != 0; rest &= rest - 1)
        {
            if (TryRegister(spill, BitOperations.TrailingZeroCount(rest), ref lightest))
            {
                return true;
            }
        }

        return false;
    }

    private void PlaceInSlots()
    {
        _slotEnds.Clear();
        _slotNumbers.Clear();
        _wideSlotEnds.Clear();
        _wideSlotNumbers.Clear();
        _slotSets.Span.Sort();
        foreach (ulong key in _slotSets.Span)
        {
            ref SpillSet set = ref _spillSets[(int)(uint)key];
            bool wide = _bundles[set.SpillBundle].Class == RegisterClass.Vector;
            set.Slot = TakeSlot(set.From, set.To, wide ? 2 : 1, wide ? _wideSlotEnds : _slotEnds, wide ? _wideSlotNumbers : _slotNumbers);
        }
    }

    private int TakeSlot(int from, int to, int units, GrowableArray<int> ends, GrowableArray<int> numbers)
    {
        for (int i = Math.Max(0, ends.Count - MaxSlotsProbed); i < ends.Count; i++)
        {
            if (ends[i] <= from)
            {
                ends[i] = to;
                return numbers[i];
            }
        }

        int slot = _allocation.SlotCount;
        _allocation.SlotCount += units;
        ends.Add(to);
        numbers.Add(slot);
        return slot;
    }
}
