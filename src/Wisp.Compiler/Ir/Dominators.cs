namespace Wisp.Compiler.Ir;

/// <summary>Immediate dominators of a function's blocks, and a preorder of the tree to walk and to ask.</summary>
/// <remarks>Method: Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". Reuses its arrays.</remarks>
internal sealed class Dominators
{
    private const int None = -1;

    private readonly GrowableArray<int> _order = new();      // reverse postorder
    private readonly GrowableArray<int> _numbers = new();    // block to position there, or None
    private readonly GrowableArray<int> _parents = new();    // by position
    private readonly GrowableArray<int> _predecessorStart = new();
    private readonly GrowableArray<int> _predecessors = new();
    private readonly GrowableArray<int> _enter = new();      // preorder interval of the dominator tree, by position
    private readonly GrowableArray<int> _leave = new();
    private readonly GrowableArray<(int Block, int Edge)> _path = new();

    /// <summary>Blocks that the entry reaches, in reverse postorder.</summary>
    public ReadOnlySpan<int> ReversePostorder => _order.Span;

    public void Compute(SsaFunction function)
    {
        Order(function);
        ListPredecessors(function);
        _parents.Clear();
        _parents.Resize(_order.Count);
        _parents.Span.Fill(None);
        _parents[0] = 0;
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int position = 1; position < _order.Count; position++)
            {
                int parent = None;
                for (int p = _predecessorStart[position]; p < _predecessorStart[position + 1]; p++)
                {
                    int predecessor = _predecessors[p];
                    if (_parents[predecessor] != None)
                    {
                        parent = parent == None ? predecessor : Intersect(parent, predecessor);
                    }
                }

                changed |= _parents[position] != parent;
                _parents[position] = parent;
            }
        }

        NumberTree();
    }

    public bool IsReachable(int block) => _numbers[block] != None;

    /// <summary>The block that dominates this one most closely; the entry is its own.</summary>
    public int ParentOf(int block) => _order[_parents[_numbers[block]]];

    /// <summary>Whether every way to <paramref name="block"/> leads through <paramref name="dominator"/>; a block dominates itself.</summary>
    public bool Dominates(int dominator, int block)
    {
        int d = _numbers[dominator];
        int b = _numbers[block];
        return _enter[d] <= _enter[b] && _leave[b] <= _leave[d];
    }

    private int Intersect(int a, int b)
    {
        while (a != b)
        {
            while (a > b)
            {
                a = _parents[a];
            }

            while (b > a)
            {
                b = _parents[b];
            }
        }

        return a;
    }

    // Depth first with a stack of our own: a function may be a chain of a million blocks.
    private void Order(SsaFunction function)
    {
        _numbers.Clear();
        _numbers.Resize(function.Blocks.Count);
        _numbers.Span.Fill(None);
        _order.Clear();
        _path.Clear();
        int entry = function.Order[0];
        _numbers[entry] = 0;
        _path.Add((entry, 0));
        while (_path.Count > 0)
        {
            ref (int Block, int Edge) top = ref _path[_path.Count - 1];
            ref Inst last = ref function.Insts[function.Blocks[top.Block].End - 1];
            if (top.Edge < OpShape.EdgeCount(last))
            {
                int target = function.Edges[OpShape.EdgeOf(last, top.Edge++)].Target;
                if (_numbers[target] == None)
                {
                    _numbers[target] = 0;
                    _path.Add((target, 0));
                }
            }
            else
            {
                _order.Add(top.Block);
                _path.Resize(_path.Count - 1);
            }
        }

        _order.Span.Reverse();
        for (int i = 0; i < _order.Count; i++)
        {
            _numbers[_order[i]] = i;
        }
    }

    private void ListPredecessors(SsaFunction function)
    {
        _predecessorStart.Clear();
        _predecessorStart.Resize(_order.Count + 2);
        int total = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (int block in _order.Span)
            {
                Inst last = function.Insts[function.Blocks[block].End - 1];
                for (int e = 0; e < OpShape.EdgeCount(last); e++)
                {
                    int target = _numbers[function.Edges[OpShape.EdgeOf(last, e)].Target];
                    if (pass == 0)
                    {
                        _predecessorStart[target + 2]++;
                        total++;
                    }
                    else
                    {
                        _predecessors[_predecessorStart[target + 1]++] = _numbers[block];
                    }
                }
            }

            if (pass == 0)
            {
                for (int i = 2; i < _predecessorStart.Count; i++)
                {
                    _predecessorStart[i] += _predecessorStart[i - 1];
                }

                _predecessors.Resize(total);
            }
        }
    }

    // Children follow their parents in reverse postorder, so sizes add up in one backward pass and intervals in one forward.
    private void NumberTree()
    {
        int count = _order.Count;
        _enter.Clear();
        _enter.Resize(count);
        _leave.Clear();
        _leave.Resize(count);
        for (int position = count - 1; position > 0; position--)
        {
            _leave[_parents[position]] += _leave[position] + 1;   // size of the subtree, without its root
        }

        Span<int> next = _predecessors.Count >= count ? _predecessors.Span : [];
        if (next.IsEmpty)
        {
            _predecessors.Resize(count);
            next = _predecessors.Span;
        }

        for (int position = 0; position < count; position++)
        {
            if (position > 0)
            {
                int parent = _parents[position];
                _enter[position] = next[parent];
                next[parent] += _leave[position] + 1;
            }

            next[position] = _enter[position] + 1;
            _leave[position] += _enter[position];
        }
    }
}
