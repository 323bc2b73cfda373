using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// Which version of each class of places a block begins with.
//
// 1. A block hands its versions forward to its successors. Where they differ, the successor has a new one.
// 2. A loop's header has a new version of what the loop writes (LoopWrites).
// 3. Dominators fall out of the same walk, since successors come later in the order, but for loop headers, which dominate what jumps
//    back to them. A search of many steps is given up for the entry, which dominates everything.
internal sealed partial class LoadElimination
{
    private const int ClassCount = LoopWrites.ClassCount;
    private const int MaxSteps = 64;

    private readonly int[] _versions = new int[ClassCount];
    private readonly GrowableArray<int> _entryVersions = new();   // per block, ClassCount of them
    private readonly GrowableArray<int> _dominators = new();      // per block; -1 before any predecessor was seen
    private readonly LoopWrites _loops = new();
    private int _nextVersion;

    private void BeginVersions(SsaFunction function)
    {
        _loops.Compute(function);
        _entryVersions.Resize(function.Blocks.Count * ClassCount);
        _dominators.Resize(function.Blocks.Count);
        _dominators.Span.Fill(-1);
        _dominators[0] = 0;
        _entryVersions.Span[..ClassCount].Fill(1);
        _nextVersion = 2;
    }

    private Span<int> EntryVersions(int block) => _entryVersions.Span.Slice(block * ClassCount, ClassCount);

    private void EnterBlock(int block)
    {
        EntryVersions(block).CopyTo(_versions);
        int position = _loops.PositionOf(block);
        if (_loops.EndOf(position) >= 0)
        {
            Renew(_loops.WritesIn(position));
        }
    }

    private void Renew(int classes)
    {
        for (int c = 0; c < ClassCount; c++)
        {
            if ((classes >> c & 1) != 0)
            {
                _versions[c] = _nextVersion;
            }
        }

        _nextVersion++;
    }

    private void LeaveBlock(SsaFunction function, int block)
    {
        Inst last = function.Insts[function.Blocks[block].End - 1];
        int previous = -1;
        for (int e = 0; e < OpShape.EdgeCount(last); e++)
        {
            int target = function.Edges[OpShape.EdgeOf(last, e)].Target;
            if (target != previous && _loops.PositionOf(target) > _loops.PositionOf(block))
            {
                HandOver(block, target);
            }

            previous = target;
        }
    }

    private void HandOver(int block, int target)
    {
        Span<int> entry = EntryVersions(target);
        if (_dominators[target] < 0)
        {
            _versions.CopyTo(entry);
            _dominators[target] = block;
            return;
        }

        for (int c = 0; c < ClassCount; c++)
        {
            if (entry[c] != _versions[c])
            {
                entry[c] = _nextVersion;
            }
        }

        _nextVersion++;
        _dominators[target] = CommonDominator(_dominators[target], block);
    }

    private int CommonDominator(int a, int b)
    {
        for (int step = 0; a != b; step++)
        {
            if (step == MaxSteps)
            {
                return 0;
            }

            if (_loops.PositionOf(a) > _loops.PositionOf(b))
            {
                a = _dominators[a];
            }
            else
            {
                b = _dominators[b];
            }
        }

        return a;
    }
}
