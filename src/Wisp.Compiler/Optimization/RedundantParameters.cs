using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// block3(p, q)  from  jump block3(x, y)        p is x, and goes; q stays
//               from  jump block3(x, z)
//               from  jump block3(p, y)        (its own value does not count)
//
// Construction gives a block a parameter for each local that is read behind it, and most of them turn out to be one and the same
// value on every way: 75 to 85 % in what LLVM and Go emit. Each would cost a copy, and often a slot, at run time.

/// <summary>Removes block parameters that get one and the same value from every edge.</summary>
/// <remarks>Keeps everything else. A few walks over the edges' arguments: a removal can make another parameter redundant.</remarks>
internal sealed class RedundantParameters
{
    private const int Unseen = -1;
    private const int Several = -2;

    // Each walk removes all it can see at once, and chains get shorter by a factor; more than a handful never pays.
    private const int MaxWalks = 8;

    private int[] _replacement = [];
    private int[] _only = [];
    private SsaFunction _function = null!;

    public void Run(SsaFunction function)
    {
        _function = function;
        int values = function.Insts.Count;
        if (_replacement.Length < values)
        {
            int size = Math.Max(values, _replacement.Length * 2);
            _replacement = new int[size];
            _only = new int[size];
        }

        for (int v = 0; v < values; v++)
        {
            _replacement[v] = v;
        }

        bool any = false;
        for (int walk = 0; walk < MaxWalks && FindRedundant(); walk++)
        {
            any = true;
        }

        if (any)
        {
            RewriteOperands();
            RemoveParameters();
        }
    }

    private bool FindRedundant()
    {
        foreach (int block in _function.Order.Span)
        {
            foreach (int parameter in _function.Params(block))
            {
                _only[parameter] = block == 0 ? Several : Unseen;
            }
        }

        foreach (int block in _function.Order.Span)
        {
            (int first, int count) = EdgesOf(block);
            for (int e = first; e < first + count; e++)
            {
                MeetArguments(_function.Edges[e]);
            }

            if (IsBranch(block, out int second))
            {
                MeetArguments(_function.Edges[second]);
            }
        }

        return Replace();
    }

    private bool Replace()
    {
        bool any = false;
        foreach (int block in _function.Order.Span)
        {
            foreach (int parameter in _function.Params(block))
            {
                int only = _only[parameter];
                if (_replacement[parameter] == parameter && only >= 0 && Find(only) != parameter)
                {
                    _replacement[parameter] = Find(only);
                    any = true;
                }
            }
        }

        return any;
    }

    // The edges of a block's terminator: a run, and for a branch a second one that need not lie behind the first.
    private (int First, int Count) EdgesOf(int block)
    {
        ref Inst last = ref _function.Insts[_function.Blocks[block].End - 1];
        return last.Op switch
        {
            Op.Jump => (last.A, 1),
            Op.Branch => (last.B, 1),
            Op.BranchTable => (last.B, last.C),
            _ => (0, 0),
        };
    }

    private bool IsBranch(int block, out int second)
    {
        ref Inst last = ref _function.Insts[_function.Blocks[block].End - 1];
        second = last.C;
        return last.Op == Op.Branch;
    }

    private void MeetArguments(in Edge edge)
    {
        ReadOnlySpan<int> arguments = _function.Args(edge);
        ReadOnlySpan<int> parameters = _function.Params(edge.Target);
        for (int i = 0; i < parameters.Length; i++)
        {
            ref int only = ref _only[parameters[i]];
            int argument = Find(arguments[i]);
            if (argument != parameters[i] && only != argument)
            {
                only = only == Unseen ? argument : Several;
            }
        }
    }

    private int Find(int value)
    {
        while (_replacement[value] != value)
        {
            _replacement[value] = _replacement[_replacement[value]];
            value = _replacement[value];
        }

        return value;
    }

    private void RewriteOperands()
    {
        foreach (ref Inst inst in _function.Insts.Span)
        {
            OperandShape shape = OperandShapes.Of(inst.Op);
            if (shape is OperandShape.A or OperandShape.AB or OperandShape.ABC)
            {
                inst.A = Find(inst.A);
            }

            if (shape is OperandShape.B or OperandShape.AB or OperandShape.ABC)
            {
                inst.B = Find(inst.B);
            }

            if (shape == OperandShape.ABC)
            {
                inst.C = Find(inst.C);
            }
        }
    }

    // Lists are compacted in place: edges first, as they need to know the parameters that were there.
    private void RemoveParameters()
    {
        Span<int> lists = _function.Lists.Span;
        foreach (ref Edge edge in _function.Edges.Span)
        {
            ReadOnlySpan<int> parameters = _function.Params(edge.Target);
            int kept = edge.ArgStart;
            for (int i = 0; i < edge.ArgCount && i < parameters.Length; i++)
            {
                if (_replacement[parameters[i]] == parameters[i])
                {
                    lists[kept++] = lists[edge.ArgStart + i];
                }
            }

            edge.ArgCount = kept - edge.ArgStart;
        }

        foreach (ref Block block in _function.Blocks.Span)
        {
            int kept = block.ParamStart;
            for (int i = 0; i < block.ParamCount; i++)
            {
                int parameter = lists[block.ParamStart + i];
                if (_replacement[parameter] == parameter)
                {
                    _function.Insts[parameter].B = kept - block.ParamStart;
                    lists[kept++] = parameter;
                }
                else
                {
                    _function.Insts[parameter] = default;
                }
            }

            block.ParamCount = kept - block.ParamStart;
        }

        // All that is left in lists are values.
        foreach (ref int value in lists)
        {
            value = Find(value);
        }
    }
}
