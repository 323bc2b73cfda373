using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// Which version of each class of places a block begins with.
//
// 1. Regions fall into sixteen classes, so that a block needs no more than sixteen numbers: two globals may share one.
// 2. A block hands its versions forward to its successors. Where they differ, the successor has a new one.
// 3. A loop's header has a new version of what the loop writes. The loop is taken to be everything in the order up to the last jump
//    back to its header, and to the headers in between: nothing comes from behind that without passing the header.
// 4. Dominators fall out of the same walk, since successors come later in the order, but for loop headers, which dominate what jumps
//    back to them. A search of many steps is given up for the entry, which dominates everything.
internal sealed partial class LoadElimination
{
    private const int ClassCount = 16;
    private const int AllClasses = 0xFFFE;   // all but ReadOnly
    private const int FirstGlobalClass = 7;
    private const int MaxSteps = 64;

    private readonly int[] _versions = new int[ClassCount];
    private readonly GrowableArray<int> _entryVersions = new();   // per block, ClassCount of them
    private readonly GrowableArray<int> _dominators = new();      // per block; -1 before any predecessor was seen
    private readonly GrowableArray<int> _positions = new();       // per block, in the order
    private readonly GrowableArray<int> _loopEnds = new();        // per position of a header, that of the last block; else -1
    private readonly GrowableArray<int> _writes = new();          // per position, classes; a header's are those of its loop
    private int _nextVersion;

    private static int ClassOf(int region)
    {
        var r = new AliasRegion(region);
        return r.Kind switch
        {
            0 => 0,
            1 => r.Index == 0 ? 1 : 2,
            2 => 3,                // memories' bases and lengths
            3 => 4,                // elements
            4 => 5,                // tables' addresses and lengths
            5 => FirstGlobalClass + (r.Index % (ClassCount - FirstGlobalClass)),
            _ => 6,
        };
    }

    private void BeginVersions(SsaFunction function)
    {
        _positions.Resize(function.Blocks.Count);
        for (int p = 0; p < function.Order.Count; p++)
        {
            _positions[function.Order[p]] = p;
        }

        _entryVersions.Resize(function.Blocks.Count * ClassCount);
        _dominators.Resize(function.Blocks.Count);
        _dominators.Span.Fill(-1);
        _dominators[0] = 0;
        _entryVersions.Span[..ClassCount].Fill(1);
        _nextVersion = 2;
        if (FindLoops(function))
        {
            SummarizeLoops(function);
        }
    }

    private bool FindLoops(SsaFunction function)
    {
        bool any = false;
        _loopEnds.Resize(function.Order.Count);
        _loopEnds.Span.Fill(-1);
        for (int p = 0; p < function.Order.Count; p++)
        {
            Inst last = function.Insts[function.Blocks[function.Order[p]].End - 1];
            for (int e = 0; e < OpShape.EdgeCount(last); e++)
            {
                int target = _positions[function.Edges[OpShape.EdgeOf(last, e)].Target];
                if (target <= p)
                {
                    _loopEnds[target] = p;
                    any = true;
                }
            }
        }

        return any;
    }

    // Backwards, so inner loops are known, and are one step each.
    private void SummarizeLoops(SsaFunction function)
    {
        _writes.Resize(function.Order.Count);
        for (int p = function.Order.Count - 1; p >= 0; p--)
        {
            int writes = WritesOf(function, function.Blocks[function.Order[p]]);
            int end = _loopEnds[p];
            for (int q = p + 1; q <= end; q++)
            {
                writes |= _writes[q];
                if (_loopEnds[q] >= 0)
                {
                    q = _loopEnds[q];
                    end = Math.Max(end, q);
                }
            }

            _writes[p] = writes;
            _loopEnds[p] = end;
        }
    }

    private static int WritesOf(SsaFunction function, in Block block)
    {
        int writes = 0;
        for (int i = block.First; i < block.End; i++)
        {
            ref Inst inst = ref function.Insts[i];
            switch (OpShape.EffectOf(inst.Op))
            {
                case OpEffect.Store:
                    writes |= 1 << ClassOf(inst.D);
                    break;
                case OpEffect.Call when inst.Op != Op.CallResult:
                    return AllClasses;
                default:
                    break;
            }
        }

        return writes;
    }

    private Span<int> EntryVersions(int block) => _entryVersions.Span.Slice(block * ClassCount, ClassCount);

    private void EnterBlock(int block)
    {
        EntryVersions(block).CopyTo(_versions);
        int position = _positions[block];
        if (_loopEnds[position] >= 0)
        {
            Renew(_writes[position]);
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
            if (target != previous && _positions[target] > _positions[block])
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

            if (_positions[a] > _positions[b])
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
