using System.Numerics;

namespace Wisp.Compiler.Allocation;

// The main loop. For the longest bundle: a free register, its hints first; else the place of lighter bundles; else a split where
// the register that is free longest is not free any more.
internal sealed partial class BundleAllocator
{
    // What a push and a pop cost against the weights of uses: a value that costs less in memory does not claim a saved register.
    private const float SaveCost = 3f;
    private const float MinimalWeight = 1e30f;
    private const int BundlesACheck = 32;   // between looks at the budget
    private const int MaxEvictions = 3;

    private readonly GrowableArray<int> _conflicts = new();
    private readonly GrowableArray<int> _bestConflicts = new();
    private readonly float[] _hintWeight = new float[RegisterCount];
    private readonly int[] _firstConflict = new int[RegisterCount];
    private uint _usedCalleeSaved;
    private uint _blocked;
    private int _probe;

    private void QueueBundles()
    {
        _probe = 0;
        _usedCalleeSaved = 0;
        int count = _bundles.Count;
        for (int b = 0; b < count; b++)
        {
            ref LiveBundle bundle = ref _bundles[b];
            if (bundle.First == None)
            {
                continue;
            }

            bundle.SpillSet = _spillSets.Add(new SpillSet
            {
                SpillBundle = None,
                Slot = None,
                From = _ranges[bundle.First].From,
                To = _ranges[bundle.Last].To,
                Hint = NoRegister,
            });
            Queue(b);
        }
    }

    /// <summary>Weighs a bundle and queues it.</summary>
    private void Queue(int number)
    {
        ref LiveBundle bundle = ref _bundles[number];
        int length = 0;
        float weight = 0;
        bool needsRegister = false;
        bool hasHints = false;
        int last = bundle.First;
        for (int r = bundle.First; r != None; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            length += range.To - range.From;
            last = r;
            foreach (ref readonly ValueUse use in _uses.Span.Slice(range.FirstUse, range.UseCount))
            {
                weight += use.Weight;
                needsRegister |= use.NeedsRegister;
                hasHints |= use.Hint != NoRegister;
            }

            _work += 1 + range.UseCount;
        }

        bundle.Last = last;
        bundle.Length = length;
        bundle.NeedsRegister = needsRegister;
        bundle.HasHints = hasHints;
        bundle.TotalWeight = weight;
        bundle.IsMinimal = bundle.First == last && _ranges[last].From >> 1 == (_ranges[last].To - 1) >> 1;
        bundle.Weight = bundle.IsMinimal && needsRegister
            ? MinimalWeight * length   // one that needs the whole instruction outweighs those that need half of it
            : weight / length;
        if (weight == 0 && !needsRegister)
        {
            SpillAll(number);
            return;
        }

        _queue.Add(number, length);
    }

    private bool AssignRegisters()
    {
        int taken = 0;
        while (_queue.TryTake(out int bundle))
        {
            if (++taken % BundlesACheck == 0 && Work > _budget)
            {
                return false;
            }

            Assign(bundle);
        }

        return true;
    }

    private void Assign(int number)
    {
        _work += 16;
        FindBlocked(number);
        uint registers = RegistersOf(_bundles[number].Class);
        for (int attempt = 0; ; attempt++)
        {
            float lightest = float.MaxValue;
            if (TryRegisters(number, registers & ~_blocked, ref lightest))
            {
                return;
            }

            ref LiveBundle bundle = ref _bundles[number];
            bool mayEvict = lightest < bundle.Weight && (bundle.IsMinimal || attempt < MaxEvictions);
            if (!mayEvict)
            {
                GiveUp(number, registers);
                return;
            }

            foreach (int conflict in _bestConflicts.Span)
            {
                Evict(conflict);
            }
        }
    }

    private void GiveUp(int number, uint registers)
    {
        ref LiveBundle bundle = ref _bundles[number];
        if (!bundle.IsMinimal)
        {
            Split(number, registers);
        }
        else if (!bundle.NeedsRegister)
        {
            SpillAll(number);
        }
        else
        {
            LiveRange range = _ranges[bundle.First];
            throw new AllocationException(
                $"no register for v{range.Vreg} at instruction {range.From >> 1}: its operands need more than there are");
        }
    }

    /// <summary>Finds the registers that instructions within the bundle's ranges reserve.</summary>
    private void FindBlocked(int number)
    {
        uint registers = RegistersOf(_bundles[number].Class);
        _blocked = 0;
        for (int r = _bundles[number].First; r != None; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            _blocked |= _reservations.Find(range.From, range.To, range.Vreg, registers & ~_blocked);
            _work++;
        }
    }

    /// <summary>Takes a free register if there is one; else finds the lightest set of bundles in the way.</summary>
    private bool TryRegisters(int number, uint candidates, ref float lightest)
    {
        ref LiveBundle bundle = ref _bundles[number];
        uint saved = candidates & _function.CalleeSavedRegisters;
        uint savedAlready = saved & _usedCalleeSaved;
        uint savedFresh = bundle.TotalWeight > SaveCost || (bundle.IsMinimal && bundle.NeedsRegister) ? saved & ~_usedCalleeSaved : 0;
        uint allowed = (candidates & ~saved) | savedAlready | savedFresh;
        uint tried = 0;
        if (bundle.HasHints)
        {
            for (int hint = BestHint(number, allowed); hint != NoRegister; hint = BestHint(number, allowed & ~tried))
            {
                tried |= 1u << hint;
                if (TryRegister(number, hint, ref lightest))
                {
                    return true;
                }
            }
        }

        foreach (int hint in (ReadOnlySpan<int>)[bundle.Hint, _spillSets[bundle.SpillSet].Hint])
        {
            uint bit = hint == NoRegister ? 0 : 1u << hint;
            if ((allowed & ~tried & bit) != 0)
            {
                tried |= bit;
                if (TryRegister(number, hint, ref lightest))
                {
                    return true;
                }
            }
        }

        // A different start for each bundle spreads values over the registers, so that the first probe mostly succeeds.
        int start = (_ranges[bundle.First].From >> 1) + number;
        return TryGroup(number, candidates & ~saved & ~tried, start, ref lightest)
            || TryGroup(number, savedAlready & ~tried, 0, ref lightest)
            || TryGroup(number, savedFresh & ~tried, 0, ref lightest);
    }

    private bool TryGroup(int number, uint group, int start, ref float lightest)
    {
        int count = BitOperations.PopCount(group);
        if (count == 0)
        {
            return false;
        }

        // Rotate the group by whole members: begin with the (start mod count)-th of them.
        uint late = group;
        for (int skip = (int)((uint)start % (uint)count); skip > 0; skip--)
        {
            late &= late - 1;
        }

        for (uint rest = late; rest != 0; rest &= rest - 1)
        {
            if (TryRegister(number, BitOperations.TrailingZeroCount(rest), ref lightest))
            {
                return true;
            }
        }

        for (uint rest = group & ~late; rest != 0; rest &= rest - 1)
        {
            if (TryRegister(number, BitOperations.TrailingZeroCount(rest), ref lightest))
            {
                return true;
            }
        }

        return false;
    }

    private int BestHint(int number, uint candidates)
    {
        _hintWeight.AsSpan().Clear();
        for (int r = _bundles[number].First; r != None; r = _ranges[r].Next)
        {
            foreach (ref readonly ValueUse use in _uses.Span.Slice(_ranges[r].FirstUse, _ranges[r].UseCount))
            {
                if (use.Hint != NoRegister && (candidates >> use.Hint & 1) != 0)
                {
                    _hintWeight[use.Hint] += use.Weight;
                }
            }
        }

        int best = NoRegister;
        for (int register = 0; register < RegisterCount; register++)
        {
            if (_hintWeight[register] > 0 && (best == NoRegister || _hintWeight[register] > _hintWeight[best]))
            {
                best = register;
            }
        }

        return best;
    }

    /// <summary>Takes a register if it is free for all ranges; else notes what is in the way, if that is the lightest so far.</summary>
    private bool TryRegister(int number, int register, ref float lightest)
    {
        RegisterOccupancy occupancy = _occupancy[register];
        float heaviest = -1;
        int at = 0;
        int end = occupancy.End;
        _conflicts.Clear();
        _probe++;
        for (int r = _bundles[number].First; r != None && at < end; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            at = occupancy.FirstEndingAfter(range.From, at);
            _work++;
            for (int i = at; i < end && occupancy[i].From < range.To; i = occupancy.Next(i))
            {
                int conflict = occupancy[i].Bundle;
                ref LiveBundle other = ref _bundles[conflict];
                _work++;
                if (other.FoundBy == _probe)
                {
                    continue;
                }

                other.FoundBy = _probe;
                heaviest = Math.Max(heaviest, other.Weight);
                if (heaviest >= lightest || heaviest >= _bundles[number].Weight)
                {
                    return false;
                }

                _conflicts.Add(conflict);
            }
        }

        if (_conflicts.Count == 0)
        {
            Occupy(number, register);
            return true;
        }

        lightest = heaviest;
        _bestConflicts.Clear();
        _bestConflicts.AddRange(_conflicts.Span);
        return false;
    }

    private void Occupy(int number, int register)
    {
        ref LiveBundle bundle = ref _bundles[number];
        for (int r = bundle.First; r != None; r = _ranges[r].Next)
        {
            _occupancy[register].Insert(_ranges[r].From, _ranges[r].To, number);
            _work += 2;
        }

        bundle.Register = (sbyte)register;
        _usedCalleeSaved |= (1u << register) & _function.CalleeSavedRegisters;
        _spillSets[bundle.SpillSet].Hint = (sbyte)register;
    }

    private void Evict(int number)
    {
        ref LiveBundle bundle = ref _bundles[number];
        for (int r = bundle.First; r != None; r = _ranges[r].Next)
        {
            _occupancy[bundle.Register].Remove(_ranges[r].From);
            _work += 2;
        }

        bundle.Hint = bundle.Register;
        bundle.Register = NoRegister;
        _queue.Add(number, bundle.Length);
    }

    /// <summary>The first point of the bundle at which a register is taken; <see cref="int.MaxValue"/> if it is free throughout.</summary>
    private int FirstConflict(int number, int register)
    {
        int blocked = (_blocked >> register & 1) != 0 ? _reservations.FirstPoint[register] : int.MaxValue;
        RegisterOccupancy occupancy = _occupancy[register];
        int at = 0;
        for (int r = _bundles[number].First; r != None && _ranges[r].From < blocked; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            at = occupancy.FirstEndingAfter(range.From, at);
            _work++;
            if (at == occupancy.End)
            {
                break;
            }

            if (occupancy[at].From < range.To)
            {
                return Math.Min(blocked, Math.Max(range.From, occupancy[at].From));
            }
        }

        return blocked;
    }
}
