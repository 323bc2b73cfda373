using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// 1. Only loads through a pointer that is itself a field that never changes: imported memories, tables and globals, whose records
//    are there as long as the instance is. They cannot trap, so it does no harm if the loop would not have come by. What is in the
//    context itself is one operand away, and stays.
// 2. Only what the loop does not write, and does not call around. Of the loops around a load the outermost such is taken.
// 3. A loop's values want registers, so it gets a few at most.

/// <summary>Loads before a loop what the loop loads through pointers to imports and does not change.</summary>
/// <remarks>O(instructions + edges).</remarks>
internal sealed class InvariantLoads : IPass
{
    private const int MaxPerLoop = 4;
    private const int MaxDepth = 16;

    private readonly LoopWrites _loops = new();
    private readonly GrowableArray<int> _around = new();     // positions of the headers of the loops around the present position
    private readonly GrowableArray<int> _outer = new();      // per position of a header, that of the loop around it, or -1
    private readonly GrowableArray<int> _entries = new();    // per position of a header, the one jump into the loop, or -1
    private readonly GrowableArray<Hoist> _hoists = new();
    private readonly GrowableArray<int> _first = new();      // per position of a header, its last hoist + 1, or 0
    private readonly GrowableArray<int> _order = new();

    private readonly GrowableArray<(int Load, int Hoist)> _moved = new();
    private readonly Replacements _replacements = new();

    private struct Hoist
    {
        public int Load;    // the one in the loop; in the end that before it
        public int Next;    // of the same loop, + 1, or 0
    }

    public void Run(SsaFunction function)
    {
        _loops.Compute(function);
        if (!_loops.Any)
        {
            return;
        }

        _hoists.Clear();
        _moved.Clear();
        _around.Clear();
        foreach (GrowableArray<int> perPosition in (ReadOnlySpan<GrowableArray<int>>)[_outer, _entries, _first])
        {
            perPosition.Clear();
            perPosition.Resize(function.Order.Count);
        }

        FindEntries(function);
        for (int p = 0; p < function.Order.Count; p++)
        {
            EnterLoops(p);
            if (_around.Count > 0)
            {
                WalkBlock(function, function.Blocks[function.Order[p]]);
            }
        }

        if (_hoists.Count > 0)
        {
            Insert(function);
            Replace(function);
        }
    }

    private void FindEntries(SsaFunction function)
    {
        _entries.Span.Fill(-1);
        for (int p = 0; p < function.Order.Count; p++)
        {
            int last = function.Blocks[function.Order[p]].End - 1;
            int edges = OpShape.EdgeCount(function.Insts[last]);
            for (int e = 0; e < edges; e++)
            {
                int target = _loops.PositionOf(function.Edges[OpShape.EdgeOf(function.Insts[last], e)].Target);
                if (target > p && _loops.EndOf(target) >= 0)
                {
                    bool isOnly = _entries[target] == -1 && function.Insts[last].Op == Op.Jump;
                    _entries[target] = isOnly ? last : -2;
                }
            }
        }
    }

    private void EnterLoops(int position)
    {
        while (_around.Count > 0 && _loops.EndOf(_around[_around.Count - 1]) < position)
        {
            _around.Resize(_around.Count - 1);
        }

        if (_loops.EndOf(position) >= 0)
        {
            _outer[position] = _around.Count > 0 ? _around[_around.Count - 1] : -1;
            _around.Add(position);
        }
    }

    private void WalkBlock(SsaFunction function, in Block block)
    {
        for (int i = block.First; i < block.End; i++)
        {
            ref Inst inst = ref function.Insts[i];
            if (inst.Op == Op.LoadAt && !OpShape.CanTrap(inst) && IsPointerToImport(function.Insts[inst.A]))
            {
                int loop = OutermostFor(1 << LoopWrites.ClassOf(inst.D));
                if (loop >= 0)
                {
                    Add(function, loop, i);
                }
            }
        }
    }

    private static bool IsPointerToImport(in Inst address) =>
        address.Op == Op.LoadContext && address.Type == SsaType.I64 && address.D == AliasRegion.ReadOnly.Bits;

    private int OutermostFor(int wanted)
    {
        int found = -1;
        int loop = _around[_around.Count - 1];
        for (int depth = 0; depth < MaxDepth && loop >= 0 && (_loops.WritesIn(loop) & wanted) == 0; depth++)
        {
            found = _entries[loop] >= 0 ? loop : found;
            loop = _outer[loop];
        }

        return found;
    }

    private void Add(SsaFunction function, int loop, int load)
    {
        int count = CountBefore(function, _entries[loop]);
        for (int h = _first[loop]; h != 0; h = _hoists[h - 1].Next)
        {
            if (IsSame(function, _hoists[h - 1].Load, load))
            {
                _moved.Add((load, h - 1));
                return;
            }

            count++;
        }

        if (count < MaxPerLoop)
        {
            _moved.Add((load, _hoists.Count));
            _first[loop] = _hoists.Add(new Hoist { Load = load, Next = _first[loop] }) + 1;
        }
    }

    // What comes right before the loop already is for it too.
    private static int CountBefore(SsaFunction function, int jump)
    {
        int count = 0;
        for (int i = jump - 1; i >= Math.Max(0, jump - (2 * MaxPerLoop)) && function.Insts[i].Op is (Op.LoadAt or Op.LoadContext); i--)
        {
            count += function.Insts[i].Op == Op.LoadAt ? 1 : 0;
        }

        return count;
    }

    private static bool IsSame(SsaFunction function, int one, int other)
    {
        Inst a = function.Insts[one];
        Inst b = function.Insts[other];
        return a.Type == b.Type && a.Flags == b.Flags && a.C == b.C && a.D == b.D && function.Insts[a.A].C == function.Insts[b.A].C;
    }

    // Each loop with something to load gets a block before its header.
    private void Insert(SsaFunction function)
    {
        _order.Clear();
        _order.AddRange(function.Order.Span);
        function.Order.Clear();
        for (int p = 0; p < _order.Count; p++)
        {
            if (_first[p] != 0)
            {
                function.Order.Add(BlockBefore(function, p));
            }

            function.Order.Add(_order[p]);
        }
    }

    private int BlockBefore(SsaFunction function, int loop)
    {
        int jump = _entries[loop];
        int source = function.SourceOffsets[jump];
        int first = function.Insts.Count;
        for (int h = _first[loop]; h != 0; h = _hoists[h - 1].Next)
        {
            Inst load = function.Insts[_hoists[h - 1].Load];
            Inst pointer = function.Insts[load.A];
            load.A = Append(function, pointer, source);
            _hoists[h - 1].Load = Append(function, load, source);
        }

        int edge = function.Insts[jump].A;
        Append(function, new Inst { Op = Op.Jump, A = function.Edges.Add(function.Edges[edge]) }, source);
        int block = function.Blocks.Add(new Block
        {
            First = first,
            End = function.Insts.Count,
            LoopDepth = Math.Max(0, function.Blocks[_order[loop]].LoopDepth - 1),
        });
        function.Edges[edge] = new Edge { Target = block };
        return block;
    }

    private void Replace(SsaFunction function)
    {
        _replacements.Reset(function);
        foreach ((int load, int hoist) in _moved.Span)
        {
            _replacements.Replace(load, _hoists[hoist].Load);
            function.Insts[load].Op = Op.Nop;
            function.Insts[load].Type = SsaType.None;
        }

        _replacements.Apply(function);
    }

    private static int Append(SsaFunction function, in Inst inst, int source)
    {
        function.SourceOffsets.Add(source);
        return function.Insts.Add(inst);
    }
}
