using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Ranges, sorted again by value, answer where a value is at a point; so each operand gets its place.
internal sealed partial class BundleAllocator
{
    // Ranges by value: bucket 2 * v holds those in bundles of their own, disjoint; 2 * v + 1 those in the spill bundle.
    // A key is From in the upper half and the range in the lower.
    private readonly GrowableArray<ulong> _pieces = new();
    private int[] _bucketStart = [];

    private void WriteLocations()
    {
        SortRangesByValue();
        _allocation.Locations.Resize(_function.Operands.Count);
        _allocation.Locations.Span.Fill(Location.None);
        for (int vreg = 0; vreg < _function.Classes.Count; vreg++)
        {
            foreach (ref readonly ValueUse use in _uses.Span[_usesFrom[vreg].._usesTo[vreg]])
            {
                if (use.Kind < UseKind.CopiedUse)
                {
                    int point = (2 * use.Position) + (use.Kind is UseKind.LateUse or UseKind.LateDefinition ? 1 : 0);
                    _allocation.Locations[use.Operand] = PlaceAt(vreg, point);
                }
            }
        }

        _allocation.UsedCalleeSaved = _usedCalleeSaved;
        foreach (int position in _fixedOrTied.Span)
        {
            WriteFixedAndTied(_function.Insts[InstAt(2 * position)]);
        }
    }

    private void SortRangesByValue()
    {
        int buckets = 2 * _function.Classes.Count;
        if (_bucketStart.Length < buckets + 1)
        {
            _bucketStart = new int[Math.Max(buckets + 1, _bucketStart.Length * 2)];
        }

        Array.Clear(_bucketStart, 0, buckets + 1);
        Span<LiveRange> ranges = _ranges.Span;
        foreach (ref readonly LiveRange range in ranges)
        {
            if (range.Vreg != None)
            {
                _bucketStart[BucketOf(range) + 1]++;
            }
        }

        for (int i = 0; i < buckets; i++)
        {
            _bucketStart[i + 1] += _bucketStart[i];
        }

        _pieces.Clear();
        _pieces.Resize(_bucketStart[buckets]);
        for (int r = 0; r < ranges.Length; r++)
        {
            if (ranges[r].Vreg != None)
            {
                _pieces[_bucketStart[BucketOf(ranges[r])]++] = ((ulong)(uint)ranges[r].From << 32) | (uint)r;
            }
        }

        // Filling moved each start to its end, which is the next one's start.
        for (int i = buckets; i > 0; i--)
        {
            _bucketStart[i] = _bucketStart[i - 1];
        }

        _bucketStart[0] = 0;
        for (int i = 0; i < buckets; i++)
        {
            if (_bucketStart[i + 1] - _bucketStart[i] > 1)
            {
                PiecesIn(i).Sort();
            }
        }
    }

    private int BucketOf(in LiveRange range) => (2 * range.Vreg) + (_bundles[range.Bundle].IsSpill ? 1 : 0);

    private Span<ulong> PiecesIn(int bucket) => _pieces.Span[_bucketStart[bucket].._bucketStart[bucket + 1]];

    /// <summary>The range of a bucket that covers a point, or None.</summary>
    private int Find(int bucket, int point)
    {
        Span<ulong> pieces = PiecesIn(bucket);
        int low = 0;
        int high = pieces.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if ((int)(pieces[middle] >> 32) <= point)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == 0)
        {
            return None;
        }

        int range = (int)(uint)pieces[low - 1];
        return _ranges[range].To > point ? range : None;
    }

    private Location PlaceOfRange(in LiveRange range)
    {
        ref LiveBundle bundle = ref _bundles[range.Bundle];
        if (bundle.Register != NoRegister)
        {
            return Location.Of((MachineRegister)bundle.Register);
        }

        return _constantInst[range.Vreg] != None ? Location.None : Location.Slot(_spillSets[bundle.SpillSet].Slot);
    }

    /// <summary>Where an operand finds its value at a point: a register if it is in one.</summary>
    private Location PlaceAt(int vreg, int point)
    {
        int range = Find(2 * vreg, point);
        if (range == None)
        {
            range = Find((2 * vreg) + 1, point);
        }

        return range != None ? PlaceOfRange(_ranges[range]) : throw Lost(vreg, point);
    }

    private AllocationException Lost(int vreg, int point) =>
        new($"function {_function.Function.Index}: v{vreg} has no place at point {point}");

    private void WriteFixedAndTied(in MachineInst inst)
    {
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        Span<Location> places = _allocation.Locations.Span.Slice(inst.OperandStart, inst.OperandCount);
        for (int k = 0; k < operands.Length; k++)
        {
            if (operands[k].Constraint == OperandConstraint.Fixed)
            {
                places[k] = Location.Of((MachineRegister)operands[k].Detail);
                _allocation.UsedCalleeSaved |= (1u << operands[k].Detail) & _function.CalleeSavedRegisters;
            }
        }

        for (int k = 0; k < operands.Length; k++)
        {
            if (operands[k].Constraint == OperandConstraint.SameAsInput)
            {
                int input = operands[k].Detail;
                bool isFixed = operands[input].Constraint == OperandConstraint.Fixed;
                places[isFixed ? k : input] = places[isFixed ? input : k];
            }
        }

        for (int k = 0; k < operands.Length; k++)
        {
            if (places[k] == Location.None && !operands[k].IsDef)
            {
                places[k] = PlaceOfCopy(operands, places, operands[k].Vreg);
            }
        }
    }

    private static Location PlaceOfCopy(ReadOnlySpan<Operand> operands, ReadOnlySpan<Location> places, int vreg)
    {
        for (int k = 0; k < operands.Length; k++)
        {
            bool copied = operands[k].Constraint == OperandConstraint.Fixed || IsTiedInput(operands, k);
            if (!operands[k].IsDef && operands[k].Vreg == vreg && copied)
            {
                return places[k];
            }
        }

        return Location.None;
    }

    private static bool IsTiedInput(ReadOnlySpan<Operand> operands, int input)
    {
        foreach (ref readonly Operand operand in operands)
        {
            if (operand.Constraint == OperandConstraint.SameAsInput && operand.Detail == input)
            {
                return true;
            }
        }

        return false;
    }
}
