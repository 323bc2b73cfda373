using System.Numerics;

namespace Wisp.Compiler.Allocation;

// A bundle that fits nowhere is cut in two near the first conflict of the register that stays free longest:
//
//     uses       d   u    u  .  .  .  .  .  .  .  .  u     u         d defines, u uses, X the conflict
//     before     ├──────────────────────X──────────────────┤
//     after      ├────────┤                          ├─────┤         left and right go back to the queue
//     spill               ├──────────────────────────┤               stretches without uses go to the spill bundle
//
// The cuts move within those stretches to where the code runs least: out of loops, into cold blocks.
internal sealed partial class BundleAllocator
{
    private const int MaxSplits = 24;

    private void Split(int number, uint registers)
    {
        ref SpillSet set = ref _spillSets[_bundles[number].SpillSet];
        int best = None;
        int conflict = -1;
        uint candidates = registers;
        if (_bundles[number].TotalWeight <= SaveCost)
        {
            candidates &= ~_function.CalleeSavedRegisters | _usedCalleeSaved;
        }

        for (uint rest = candidates; rest != 0; rest &= rest - 1)
        {
            int register = BitOperations.TrailingZeroCount(rest);
            int first = FirstConflict(number, register);
            if (first > conflict)
            {
                conflict = first;
                best = register;
            }
        }

        int at = ++set.Splits > MaxSplits ? None : ChooseCut(number, conflict);
        if (at == None)
        {
            SplitIntoMinimal(number);
            return;
        }

        int right = Cut(number, at);
        _bundles[number].Hint = (sbyte)best;
        _bundles[right].Hint = (sbyte)best;
        TrimTail(number);
        TrimHead(right);
        QueueIfAny(number);
        QueueIfAny(right);
    }

    private void QueueIfAny(int number)
    {
        if (_bundles[number].First != None)
        {
            Queue(number);
        }
    }

    /// <summary>Where to cut so that both sides are shorter; None if nothing but single instructions would help.</summary>
    private int ChooseCut(int number, int conflict)
    {
        int start = _ranges[_bundles[number].First].From;
        int end = _ranges[_bundles[number].Last].To;
        if (conflict == int.MaxValue || conflict >= end)
        {
            // Free, but not worth a saved register: give up its stretches without uses.
            conflict = start;
        }

        int at = start < conflict ? CutBefore(number, conflict) : None;
        if (at == None || at <= start)
        {
            at = CutBehindFirstUse(number, start);
        }
        else
        {
            at = MoveOutOfLoops(number, at, start);
        }

        return at > start && at < end ? at : None;
    }

    private int CutBefore(int number, int conflict)
    {
        int lastUse = None;
        for (int r = _bundles[number].First; r != None; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            if (range.From >= conflict)
            {
                // Between two ranges: nothing is cut.
                return range.From;
            }

            bool early = false;
            bool late = false;
            foreach (ref readonly ValueUse use in _uses.Span.Slice(range.FirstUse, range.UseCount))
            {
                if (use.Point <= conflict)
                {
                    lastUse = Math.Max(lastUse, NeededUntil(use, range.From));
                    early |= use.Position == conflict >> 1 && use.Kind == UseKind.EarlyUse;
                    late |= use.Position == conflict >> 1 && use.Kind is UseKind.LateUse or UseKind.EarlyDefinition;
                }
            }

            if (range.To <= conflict)
            {
                continue;
            }

            // A conflict with what an instruction writes does not touch what it has read: the left side keeps that use.
            bool keepsUse = (conflict & 1) != 0 && early && !late;
            int at = (conflict & ~1) + (keepsUse ? 2 : 0);
            return keepsUse || lastUse >= at ? at : ColdestBetween(Math.Max(lastUse, range.From), at, latest: true);
        }

        return None;
    }

    /// <summary>The start is taken: peel off the first instruction that wants a register, or what lies before it.</summary>
    private int CutBehindFirstUse(int number, int start)
    {
        for (int r = _bundles[number].First; r != None; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            foreach (ref readonly ValueUse use in _uses.Span.Slice(range.FirstUse, range.UseCount))
            {
                if (use.NeedsRegister)
                {
                    int at = 2 * use.Position;
                    return at > start ? Math.Max(at, range.From) : (2 * (start >> 1)) + 2;
                }
            }
        }

        return None;
    }

    /// <summary>A cut in a loop that the bundle enters from outside goes to before the loop, even if the left side loses uses.</summary>
    private int MoveOutOfLoops(int number, int at, int start)
    {
        int first = BlockAt(start);
        int block = BlockAt(at);
        float outside = _frequency[first];
        if (_frequency[block] <= outside)
        {
            return at;
        }

        while (block > first)
        {
            block--;
            _work++;
            if (_frequency[block] <= outside)
            {
                int candidate = LastPointOf(block);
                return candidate > start ? candidate : at;
            }
        }

        return at;
    }

    /// <summary>The even point in [from, to] whose block runs least, and of equals the first or the last one.</summary>
    private int ColdestBetween(int from, int to, bool latest)
    {
        int first = BlockAt(from);
        int last = BlockAt(to);
        int best = latest ? to : from;
        float least = _frequency[latest ? last : first];
        for (int step = 1; step <= last - first; step++)
        {
            _work++;
            int block = latest ? last - step : first + step;
            int point = latest ? LastPointOf(block) : StartOf(block);
            if (_frequency[block] < least && point >= from && point <= to)
            {
                least = _frequency[block];
                best = point;
            }
        }

        return best;
    }

    private static int NeededUntil(in ValueUse use, int rangeStart) => use.Kind switch
    {
        UseKind.EarlyUse => (2 * use.Position) + 1,
        UseKind.CopiedUse => 2 * use.Position,
        UseKind.CopiedDefinition => rangeStart,
        _ => (2 * use.Position) + 2,
    };

    private static int NeededFrom(in ValueUse use) => use.Kind == UseKind.LateDefinition ? (2 * use.Position) + 1 : 2 * use.Position;

    /// <summary>Moves what lies behind a point to a new bundle.</summary>
    private int Cut(int number, int at)
    {
        int right = _bundles.Add(_bundles[number] with { First = None, Last = None, Register = NoRegister, Hint = NoRegister });
        ref LiveBundle left = ref _bundles[number];
        int before = None;
        int r = left.First;
        while (r != None && _ranges[r].To <= at)
        {
            before = r;
            r = _ranges[r].Next;
            _work++;
        }

        int rest = r;
        if (r != None && _ranges[r].From < at)
        {
            rest = CutRange(r, at);
            before = r;
        }

        _ranges[before].Next = None;
        left.Last = before;
        _bundles[right].First = rest;
        for (; rest != None; rest = _ranges[rest].Next)
        {
            _ranges[rest].Bundle = right;
            _bundles[right].Last = rest;
            _work++;
        }

        return right;
    }

    /// <summary>Cuts a range; the second part is a new record, with the first one's successor.</summary>
    private int CutRange(int number, int at)
    {
        LiveRange second = _ranges[number];
        int uses = 0;
        while (uses < second.UseCount && _uses[second.FirstUse + uses].Point < at)
        {
            uses++;
        }

        _work += uses;
        second.From = at;
        second.FirstUse += uses;
        second.UseCount -= uses;
        int part = _ranges.Add(second);
        ref LiveRange first = ref _ranges[number];
        first.To = at;
        first.UseCount = uses;
        return part;
    }

    private void TrimTail(int number)
    {
        int lastUsed = None;
        for (int r = _bundles[number].First; r != None; r = _ranges[r].Next)
        {
            lastUsed = IsWorthKeeping(_ranges[r]) ? r : lastUsed;
        }

        int tail = lastUsed == None ? _bundles[number].First : _ranges[lastUsed].Next;
        if (lastUsed == None)
        {
            _bundles[number].First = None;
        }
        else
        {
            _ranges[lastUsed].Next = None;
            _bundles[number].Last = lastUsed;
        }

        while (tail != None)
        {
            int next = _ranges[tail].Next;
            AddToSpillBundle(_bundles[number].SpillSet, tail);
            tail = next;
        }

        if (lastUsed != None)
        {
            TrimRangeTail(lastUsed);
        }
    }

    /// <summary>Whether a range at a bundle's end has a use at all; a constant only made there is better made later.</summary>
    private bool IsWorthKeeping(in LiveRange range)
    {
        if (range.UseCount == 0)
        {
            return false;
        }

        ValueUse last = _uses[range.FirstUse + range.UseCount - 1];
        return last.Kind switch
        {
            UseKind.CopiedDefinition => false,
            UseKind.CopiedUse => 2 * last.Position > range.From,   // else it reads the fixed register of the instruction before
            UseKind.LateDefinition => _constantInst[range.Vreg] == None,
            _ => true,
        };
    }

    private void TrimRangeTail(int number)
    {
        LiveRange range = _ranges[number];
        int until = range.From;
        int spillFrom = range.From;
        foreach (ref readonly ValueUse use in _uses.Span.Slice(range.FirstUse, range.UseCount))
        {
            int needed = NeededUntil(use, range.From);
            if (needed >= until)
            {
                until = needed;

                // The slot is filled before an instruction that reads the register last: behind it the register may be gone.
                spillFrom = (needed & 1) != 0 ? Math.Max(needed - 1, range.From) : needed;
            }
        }

        if (until >= range.To)
        {
            return;
        }

        int at = ColdestBetween(until, range.To - 1, latest: false);
        if (at != until)
        {
            spillFrom = at;
        }

        if (at >= range.To || at <= range.From)
        {
            return;
        }

        _ranges[number].To = at;
        AddToSpillBundle(_bundles[range.Bundle].SpillSet, NewRange(range.Vreg, spillFrom, range.To, None));
    }

    private void TrimHead(int number)
    {
        int r = _bundles[number].First;
        while (r != None && !WantsRegister(_ranges[r], out _))
        {
            int next = _ranges[r].Next;
            AddToSpillBundle(_bundles[number].SpillSet, r);
            r = next;
        }

        _bundles[number].First = r;
        if (r != None)
        {
            TrimRangeHead(r);
        }
    }

    private bool WantsRegister(in LiveRange range, out int from)
    {
        foreach (ref readonly ValueUse use in _uses.Span.Slice(range.FirstUse, range.UseCount))
        {
            if (use.NeedsRegister)
            {
                from = NeededFrom(use);
                return true;
            }
        }

        from = None;
        return false;
    }

    private void TrimRangeHead(int number)
    {
        LiveRange range = _ranges[number];
        if (!WantsRegister(range, out int from) || from <= range.From)
        {
            return;
        }

        int at = ColdestBetween(range.From, from, latest: true);
        if (at <= range.From || (at & 1) != 0)
        {
            return;
        }

        int second = CutRange(number, at);

        // The record that the bundle lists keeps its place: exchange the contents.
        LiveRange head = _ranges[number];
        LiveRange kept = _ranges[second];
        kept.Next = head.Next;
        _ranges[number] = kept;
        _ranges[second] = head;
        AddToSpillBundle(_bundles[range.Bundle].SpillSet, second);
    }

    /// <summary>Gives each instruction that wants a register a bundle of its own, and the rest to the spill bundle.</summary>
    private void SplitIntoMinimal(int number)
    {
        int set = _bundles[number].SpillSet;
        LiveBundle template = _bundles[number] with { Register = NoRegister, Hint = NoRegister };
        int r = _bundles[number].First;
        _bundles[number].First = None;
        while (r != None)
        {
            LiveRange range = _ranges[r];
            _ranges[r].Vreg = None;
            int spillFrom = SplitRangeIntoMinimal(range, template);
            if (spillFrom < range.To)
            {
                AddToSpillBundle(set, NewRange(range.Vreg, spillFrom, range.To, None));
            }

            r = range.Next;
        }
    }

    private int SplitRangeIntoMinimal(in LiveRange range, in LiveBundle template)
    {
        int spillFrom = range.From;
        int use = range.FirstUse;
        int end = use + range.UseCount;
        while (use < end)
        {
            int position = _uses[use].Position;
            int first = use;
            int from = int.MaxValue;
            int to = 0;
            bool defines = false;
            for (; use < end && _uses[use].Position == position; use++)
            {
                ValueUse current = _uses[use];
                if (current.NeedsRegister)
                {
                    from = Math.Min(from, NeededFrom(current));
                    to = Math.Max(to, NeededUntil(current, range.From));
                    defines |= current.Kind is UseKind.LateDefinition or UseKind.EarlyDefinition;
                }
            }

            if (to == 0 || (defines && _constantInst[range.Vreg] != None))
            {
                continue;
            }

            spillFrom = defines ? to : spillFrom;
            int bundle = _bundles.Add(template);
            int part = _ranges.Add(new LiveRange
            {
                From = Math.Max(from, range.From),
                To = Math.Min(to, range.To),
                Vreg = range.Vreg,
                Bundle = bundle,
                FirstUse = first,
                UseCount = use - first,
                Next = None,
            });
            _bundles[bundle].First = part;
            _bundles[bundle].Last = part;
            Queue(bundle);
        }

        return spillFrom;
    }
}
