using System.Numerics;

namespace Wisp.Compiler.Allocation;

// Points at which instructions take registers by name, in ascending order:
//
//   point   2 * i      registers of the fixed uses of instruction i; each has an owner, the value that it holds there
//           2 * i + 1  registers that instruction i clobbers or defines by name
//   mask    over MachineRegister
//
// A value may stay in a register through a point that reserves it if it is the owner: then the fixed use costs no move.

/// <summary>Where registers are taken by fixed operands and clobbers.</summary>
internal sealed class RegisterReservations
{
    private readonly GrowableArray<Reservation> _points = new();
    private readonly GrowableArray<Owner> _owners = new();

    /// <summary>Registers reserved anywhere.</summary>
    public uint Everywhere { get; private set; }

    /// <summary>First points found by the last <see cref="Find"/>, per register of its result.</summary>
    public int[] FirstPoint { get; } = new int[32];

    /// <summary>Steps that searches took, for the allocator's budget.</summary>
    public long Work { get; private set; }

    public void Clear()
    {
        _points.Clear();
        _owners.Clear();
        Everywhere = 0;
        Work = 0;
    }

    /// <summary>Names the owner of a register at the point added next.</summary>
    public void AddOwner(int vreg, int register) => _owners.Add(new Owner { Vreg = vreg, Register = register });

    /// <summary>Adds a point; they come in descending order, each with the owners named since the one before.</summary>
    public void AddDescending(int point, uint mask)
    {
        int start = _points.Count == 0 ? 0 : _points[_points.Count - 1].OwnerEnd;
        _points.Add(new Reservation { Point = point, Mask = mask, OwnerStart = start, OwnerEnd = _owners.Count });
        Everywhere |= mask;
    }

    public void SortAscending() => _points.Span.Reverse();

    /// <summary>The registers of a mask that are reserved in a range, but not for its value.</summary>
    /// <param name="from">First point.</param>
    /// <param name="to">Behind the last point.</param>
    /// <param name="vreg">The range's value.</param>
    /// <param name="wanted">Registers to look for. The search ends when all are found.</param>
    public uint Find(int from, int to, int vreg, uint wanted)
    {
        uint found = 0;
        wanted &= Everywhere;
        Span<Reservation> points = _points.Span;
        for (int i = LowerBound(points, from); i < points.Length && points[i].Point < to && wanted != 0; i++)
        {
            Work++;
            uint hit = points[i].Mask & wanted;
            if (hit != 0 && points[i].OwnerStart != points[i].OwnerEnd)
            {
                hit &= ~OwnedBy(vreg, points[i]);
            }

            found |= hit;
            wanted &= ~hit;
            for (; hit != 0; hit &= hit - 1)
            {
                FirstPoint[BitOperations.TrailingZeroCount(hit)] = points[i].Point;
            }
        }

        return found;
    }

    private uint OwnedBy(int vreg, in Reservation reservation)
    {
        uint owned = 0;
        foreach (ref readonly Owner owner in _owners.Span[reservation.OwnerStart..reservation.OwnerEnd])
        {
            owned |= owner.Vreg == vreg ? 1u << owner.Register : 0;
        }

        return owned;
    }

    private static int LowerBound(Span<Reservation> points, int from)
    {
        int low = 0;
        int high = points.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (points[middle].Point < from)
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

    private struct Reservation
    {
        public int Point;
        public uint Mask;
        public int OwnerStart;
        public int OwnerEnd;
    }

    private struct Owner
    {
        public int Vreg;
        public int Register;
    }
}
