namespace Wisp.Compiler.Allocation;

// The ranges that one register holds: disjoint, ascending, in one array. Insertion moves the tail, which for the sizes of real
// functions (tens to thousands of ranges in a register) beats any tree.

/// <summary>A range of program points in a register, and the bundle that holds it.</summary>
internal struct OccupiedRange
{
    public int From;
    public int To;
    public int Bundle;
}

/// <summary>The ranges in one register.</summary>
internal sealed class RegisterOccupancy
{
    private OccupiedRange[] _ranges = new OccupiedRange[16];
    private int _count;

    /// <summary>Ranges that insertions and removals moved, for the allocator's budget.</summary>
    public long Moved { get; private set; }

    public ReadOnlySpan<OccupiedRange> Ranges => _ranges.AsSpan(0, _count);

    public void Clear()
    {
        _count = 0;
        Moved = 0;
    }

    /// <summary>The first range that ends behind a point, searched from a known position on.</summary>
    public int FirstEndingAfter(int point, int start)
    {
        // Most searches end right where the one before did: a few steps first, then halving.
        int low = start;
        int step = 1;
        while (low < _count && _ranges[low].To <= point)
        {
            int next = low + step;
            if (next >= _count || _ranges[next].To > point)
            {
                return Halve(low + 1, Math.Min(next, _count), point);
            }

            low = next;
            step *= 2;
        }

        return low;
    }

    /// <summary>Whether no range overlaps the given one.</summary>
    public bool IsFree(int from, int to)
    {
        int at = Halve(0, _count, from);
        return at == _count || _ranges[at].From >= to;
    }

    /// <summary>Adds a range that overlaps no other.</summary>
    public void Insert(int from, int to, int bundle)
    {
        if (_count == _ranges.Length)
        {
            Array.Resize(ref _ranges, _count * 2);
        }

        int at = Halve(0, _count, from);
        Moved += _count - at;
        Array.Copy(_ranges, at, _ranges, at + 1, _count - at);
        _ranges[at] = new OccupiedRange { From = from, To = to, Bundle = bundle };
        _count++;
    }

    /// <summary>Removes the range that starts at a point.</summary>
    public void Remove(int from)
    {
        int at = Halve(0, _count, from);
        _count--;
        Moved += _count - at;
        Array.Copy(_ranges, at + 1, _ranges, at, _count - at);
    }

    private int Halve(int low, int high, int point)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].To <= point)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
