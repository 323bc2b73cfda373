namespace Wisp.Compiler.Allocation;

// Values that a copy would connect become one bundle where their ranges do not overlap: then there is nothing to copy. Inner
// loops come first, as a merge can rule out another one.
internal sealed partial class BundleAllocator
{
    private const long MaxMergeSteps = 4096;

    private void MergeBundles()
    {
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
        foreach (ulong key in _sortKeys.Span)
        {
            MergeCandidate candidate = candidates[(int)(uint)key];
            TryMerge(candidate.First, candidate.Second);
        }
    }

    private readonly GrowableArray<ulong> _sortKeys = new();

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
    }

    private void TryMerge(int firstVreg, int secondVreg)
    {
        int firstRange = _firstRange[firstVreg];
        int secondRange = _firstRange[secondVreg];
        if (firstRange == None || secondRange == None)
        {
            return;
        }

        int first = _ranges[firstRange].Bundle;
        int second = _ranges[secondRange].Bundle;
        if (first == second || _bundles[first].Class != _bundles[second].Class || Overlap(first, second))
        {
            return;
        }

        Merge(first, second);
    }

    private bool Overlap(int first, int second)
    {
        int a = _bundles[first].First;
        int b = _bundles[second].First;
        if (_ranges[_bundles[first].Last].To <= _ranges[b].From || _ranges[_bundles[second].Last].To <= _ranges[a].From)
        {
            return false;
        }

        long steps = 0;
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
                return true;
            }

            // Bundles of very many ranges would make this quadratic; they are left apart.
            if (++steps > MaxMergeSteps)
            {
                return true;
            }
        }

        return false;
    }

    private void Merge(int first, int second)
    {
        int a = _bundles[first].First;
        int b = _bundles[second].First;
        int head = None;
        int tail = None;
        while (a != None || b != None)
        {
            bool takeFirst = b == None || (a != None && _ranges[a].From < _ranges[b].From);
            int next = takeFirst ? a : b;
            a = takeFirst ? _ranges[a].Next : a;
            b = takeFirst ? b : _ranges[b].Next;
            if (tail == None)
            {
                head = next;
            }
            else
            {
                _ranges[tail].Next = next;
            }

            tail = next;
            _ranges[next].Bundle = first;
            _work++;
        }

        _ranges[tail].Next = None;
        _bundles[first].First = head;
        _bundles[first].Last = tail;
        _bundles[second].First = None;
    }
}
