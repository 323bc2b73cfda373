using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Values that a copy would connect become one bundle where their ranges do not overlap: then there is nothing to copy. Inner
// loops come first, as a merge can rule out another one.
internal sealed partial class BundleAllocator
{
    private const int MaxMergeSteps = 4096;
    private const int MaxPredecessorsCompared = 8;
    private const float JumpPreference = 1.01f;   // values that loops carry before what is tied within them
    private const long MergeStepsEach = 100;   // allowed for all candidates together, times their number

    private void MergeBundles()
    {
        _mergedInto.Clear();
        int vregs = _function.Classes.Count;
        for (int vreg = 0; vreg < vregs; vreg++)
        {
            if (_firstRange[vreg] != None)
            {
                AddBundleOf(vreg);
            }
        }

        Span<MergeCandidate> candidates = _mergeCandidates.Span;
        _sortKeys.Clear();
        for (int i = 0; i < candidates.Length; i++)
        {
            // Positive floats compare as their bits do; the complement sorts the most frequent first.
            ulong rank = ~BitConverter.SingleToUInt32Bits(candidates[i].Frequency);
            _sortKeys.Add((rank << 32) | (uint)i);
        }

        _sortKeys.Span.Sort();
        long limit = _work + (MergeStepsEach * (long)candidates.Length);
        foreach (ulong key in _sortKeys.Span)
        {
            MergeCandidate candidate = candidates[(int)(uint)key];
            TryMerge(candidate.First, candidate.Second, limit);
        }

        NameBundles();
    }

    private readonly GrowableArray<ulong> _sortKeys = new();

    // Per bundle, while merging: itself, or the bundle on the way to the one that it is part of.
    private readonly GrowableArray<int> _mergedInto = new();

    /// <summary>What jumps pass to a block's parameters; a value that several of them pass counts as often as all of these run.</summary>
    private void AddCandidatesOfJumps(in MachineBlock block)
    {
        ReadOnlySpan<int> predecessors = _function.Lists.Span.Slice(block.PredecessorStart, block.PredecessorCount);
        bool compares = predecessors.Length <= MaxPredecessorsCompared;
        for (int i = 0; i < block.ParamCount; i++)
        {
            for (int p = 0; p < predecessors.Length; p++)
            {
                int argument = ArgumentOfJump(predecessors[p], i);
                float frequency = _frequency[predecessors[p]];
                bool isFirst = true;
                for (int other = 0; compares && other < predecessors.Length; other++)
                {
                    if (other != p && ArgumentOfJump(predecessors[other], i) == argument)
                    {
                        isFirst &= other > p;
                        frequency += _frequency[predecessors[other]];
                    }
                }

                if (argument != None && isFirst)
                {
                    _mergeCandidates.Add(new MergeCandidate(frequency * JumpPreference, argument, _function.Lists[block.ParamStart + i]));
                }
            }
        }
    }

    private int ArgumentOfJump(int source, int index)
    {
        ref MachineBlock block = ref _function.Blocks[source];
        return block.SuccessorCount == 1 ? _function.Lists[_function.Edges[block.SuccessorStart].ArgStart + index] : None;
    }

    private void AddBundleOf(int vreg)
    {
        var bundle = new LiveBundle
        {
            First = _firstRange[vreg],
            SpillSet = None,
            Register = NoRegister,
            Hint = NoRegister,
            Class = _function.Classes[vreg],
        };
        int number = _bundles.Count;
        for (int r = bundle.First; r != None; r = _ranges[r].Next)
        {
            _ranges[r].Bundle = number;
            bundle.Last = r;
        }

        _bundles.Add(bundle);
        _mergedInto.Add(number);
    }

    private void TryMerge(int firstVreg, int secondVreg, long limit)
    {
        if (_firstRange[firstVreg] == None || _firstRange[secondVreg] == None)
        {
            return;
        }

        int first = Representative(_ranges[_firstRange[firstVreg]].Bundle);
        int second = Representative(_ranges[_firstRange[secondVreg]].Bundle);
        if (first == second || _bundles[first].Class != _bundles[second].Class)
        {
            return;
        }

        if (_ranges[_bundles[second].Last].To <= _ranges[_bundles[first].First].From)
        {
            (first, second) = (second, first);
        }

        if (_ranges[_bundles[first].Last].To <= _ranges[_bundles[second].First].From)
        {
            _ranges[_bundles[first].Last].Next = _bundles[second].First;
            _bundles[first].Last = _bundles[second].Last;
            _bundles[second].First = None;
            _mergedInto[second] = first;
            _work++;
        }
        else if (_work < limit && !Overlap(first, second))
        {
            Interleave(first, second);
            _mergedInto[second] = first;
        }
    }

    /// <summary>The bundle that a bundle has become part of, or itself.</summary>
    private int Representative(int bundle)
    {
        while (_mergedInto[bundle] != bundle)
        {
            _mergedInto[bundle] = _mergedInto[_mergedInto[bundle]];
            bundle = _mergedInto[bundle];
            _work++;
        }

        return bundle;
    }

    /// <summary>Writes to each range the bundle that it ended up in.</summary>
    private void NameBundles()
    {
        for (int b = 0; b < _bundles.Count; b++)
        {
            for (int r = _bundles[b].First; r != None; r = _ranges[r].Next)
            {
                _ranges[r].Bundle = b;
            }
        }
    }

    private bool Overlap(int first, int second)
    {
        int a = _bundles[first].First;
        int b = _bundles[second].First;
        int steps = 0;
        while (a != None && b != None)
        {
            if (_ranges[a].To <= _ranges[b].From)
            {
                a = _ranges[a].Next;
            }
            else if (_ranges[b].To <= _ranges[a].From)
            {
                b = _ranges[b].Next;
            }
            else
            {
                break;
            }

            // Bundles of very many ranges would make this quadratic; they are left apart.
            if (++steps > MaxMergeSteps)
            {
                break;
            }
        }

        _work += steps;
        return a != None && b != None;
    }

    private void Interleave(int first, int second)
    {
        int a = _bundles[first].First;
        int b = _bundles[second].First;
        int last = Math.Max(_ranges[_bundles[first].Last].From, _ranges[_bundles[second].Last].From);
        int tail = _ranges[_bundles[first].Last].From == last ? _bundles[first].Last : _bundles[second].Last;
        int end = None;
        while (a != None && b != None)
        {
            bool takeFirst = _ranges[a].From < _ranges[b].From;
            int next = takeFirst ? a : b;
            a = takeFirst ? _ranges[a].Next : a;
            b = takeFirst ? b : _ranges[b].Next;
            Link(first, end, next);
            end = next;
            _work++;
        }

        Link(first, end, a != None ? a : b);
        _bundles[first].Last = tail;
        _bundles[second].First = None;
    }

    private void Link(int bundle, int before, int range)
    {
        if (before == None)
        {
            _bundles[bundle].First = range;
        }
        else
        {
            _ranges[before].Next = range;
        }
    }
}
