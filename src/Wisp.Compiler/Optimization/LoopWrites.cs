using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// 1. Regions fall into sixteen classes, so that a set of them is a number: two globals may share one.
// 2. A loop is taken to be everything in the order up to the last jump back to its header, and to the headers in between: nothing
//    comes from behind that without passing the header. So loops nest properly, and may have more blocks than jump back.
// 3. Where a loop asks for interruption, a call whose slice of time is over is suspended, and others of its store run meanwhile:
//    a table may move. So that is like a call, and a loop that asks keeps only what never changes.

/// <summary>Where the loops of a function are in its order, and which classes of places each may write.</summary>
/// <remarks>Successors come later in the order, but for loop headers. O(instructions + edges).</remarks>
internal sealed class LoopWrites
{
    public const int ClassCount = 16;
    public const int AllClasses = 0xFFFE;   // all but ReadOnly

    private const int FirstGlobalClass = 7;

    private readonly GrowableArray<int> _positions = new();   // per block
    private readonly GrowableArray<int> _ends = new();        // per position
    private readonly GrowableArray<int> _writes = new();      // per position, classes; a header's are those of its loop

    /// <summary>Whether everything but what never changes may be something else behind an instruction.</summary>
    public static bool WritesAnything(in Inst inst) =>
        inst.Op == Op.StackCheck || (OpShape.EffectOf(inst.Op) == OpEffect.Call && inst.Op != Op.CallResult);

    /// <summary>Whether there is any loop.</summary>
    public bool Any { get; private set; }

    public void Compute(SsaFunction function)
    {
        _positions.Resize(function.Blocks.Count);
        for (int p = 0; p < function.Order.Count; p++)
        {
            _positions[function.Order[p]] = p;
        }

        Any = FindLoops(function);
        if (Any)
        {
            SummarizeLoops(function);
        }
    }

    /// <summary>A block's place in the order.</summary>
    public int PositionOf(int block) => _positions[block];

    /// <summary>The position of the last block of the loop whose header is at a position; -1 if no loop's is.</summary>
    public int EndOf(int position) => _ends[position];

    /// <summary>The classes that the loop with this header may write.</summary>
    public int WritesIn(int position) => _writes[position];

    public static int ClassOf(int region)
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

    private bool FindLoops(SsaFunction function)
    {
        bool any = false;
        _ends.Resize(function.Order.Count);
        _ends.Span.Fill(-1);
        for (int p = 0; p < function.Order.Count; p++)
        {
            Inst last = function.Insts[function.Blocks[function.Order[p]].End - 1];
            for (int e = 0; e < OpShape.EdgeCount(last); e++)
            {
                int target = _positions[function.Edges[OpShape.EdgeOf(last, e)].Target];
                if (target <= p)
                {
                    _ends[target] = p;
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
            int end = _ends[p];
            for (int q = p + 1; q <= end; q++)
            {
                writes |= _writes[q];
                if (_ends[q] >= 0)
                {
                    q = _ends[q];
                    end = Math.Max(end, q);
                }
            }

            _writes[p] = writes;
            _ends[p] = end;
        }
    }

    private static int WritesOf(SsaFunction function, in Block block)
    {
        int writes = 0;
        for (int i = block.First; i < block.End; i++)
        {
            ref Inst inst = ref function.Insts[i];
            if (WritesAnything(inst))
            {
                return AllClasses;
            }

            if (OpShape.EffectOf(inst.Op) == OpEffect.Store)
            {
                writes |= 1 << ClassOf(inst.D);
            }
        }

        return writes;
    }
}
