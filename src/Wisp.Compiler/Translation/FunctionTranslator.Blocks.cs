using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Translation;

// Blocks and edges while they grow, as lists through flat arrays; Finish copies them to where SsaFunction wants them.
//
//   _blocks    first edge that leads here -> next -> ...      first parameter -> next -> ...
//   _edges     first argument -> next -> ...                  as many as the target has parameters, in the same order, in the end
//
// 1. A block is sealed when all edges that lead to it are known. Its pending parameters are the last ones of its list: their
//    arguments are not looked up yet.
// 2. The first edge of a loop header is the one that enters the loop.
internal sealed partial class FunctionTranslator
{
    private readonly GrowableArray<BlockState> _blocks = new();
    private readonly GrowableArray<EdgeState> _edges = new();
    private readonly GrowableArray<ParamNode> _params = new();
    private readonly GrowableArray<ArgNode> _args = new();

    private struct BlockState
    {
        public int FirstEdge;
        public int LastEdge;
        public int EdgeCount;
        public int FirstParam;
        public int LastParam;
        public int ParamCount;
        public int Pending;        // the first pending parameter, or None
        public int Opener;         // of a join: the block in which the construct began, which dominates it; or None
        public int OpenedAt;       // and how many writes of locals there were before
        public int Loop;
        public int LoopDepth;
        public int First;
        public int End;
        public bool IsSealed;
        public bool IsLoopHeader;
    }

    private struct EdgeState
    {
        public int Source;
        public int Target;
        public int Next;           // that leads to the same block
        public int FirstArg;
        public int LastArg;
        public int ArgCount;
    }

    private struct ParamNode
    {
        public int Value;
        public int Local;          // None: an operand of the stack
        public int Next;
    }

    private struct ArgNode
    {
        public int Value;
        public int Next;
    }

    private int NewBlock() => _blocks.Add(new BlockState
    {
        LoopDepth = _loopDepth,
        FirstEdge = None,
        LastEdge = None,
        FirstParam = None,
        LastParam = None,
        Pending = None,
        Opener = None,
        Loop = None,
    });

    /// <summary>A block where the ways through a construct that begins here meet.</summary>
    private int NewJoin()
    {
        int join = NewBlock();
        _blocks[join].Opener = _block;
        _blocks[join].OpenedAt = _writes;
        return join;
    }

    private void Start(int block)
    {
        _block = block;
        _blocks[block].First = _ssa.Insts.Count;
        _ssa.Order.Add(block);
        _reachable = true;
    }

    private int AddParam(int block, SsaType type, int local = None)
    {
        ref BlockState state = ref _blocks[block];
        int value = _ssa.Insts.Add(new Inst { Op = Op.Param, Type = type, A = block, B = state.ParamCount++ });
        _ssa.SourceOffsets.Add(_source);
        int node = _params.Add(new ParamNode { Value = value, Local = local, Next = None });
        _ = state.FirstParam == None ? state.FirstParam = node : _params[state.LastParam].Next = node;
        state.LastParam = node;
        if (local != None && state.Pending == None)
        {
            state.Pending = node;
        }

        return value;
    }

    private int AddEdge(int target)
    {
        int edge = _edges.Add(new EdgeState { Source = _block, Target = target, Next = None, FirstArg = None, LastArg = None });
        ref BlockState state = ref _blocks[target];
        _ = state.FirstEdge == None ? state.FirstEdge = edge : _edges[state.LastEdge].Next = edge;
        state.LastEdge = edge;
        state.EdgeCount++;
        return edge;
    }

    /// <summary>An edge with the top of the stack as its arguments.</summary>
    private int AddEdge(int target, int arity)
    {
        int edge = AddEdge(target);
        for (int i = _stack.Count - arity; i < _stack.Count; i++)
        {
            AddArg(edge, _stack[i]);
        }

        return edge;
    }

    private void AddArg(int edge, int value)
    {
        int node = _args.Add(new ArgNode { Value = value, Next = None });
        ref EdgeState state = ref _edges[edge];
        _ = state.FirstArg == None ? state.FirstArg = node : _args[state.LastArg].Next = node;
        state.LastArg = node;
        state.ArgCount++;
        if (node >= CompileBudget.Arguments)
        {
            throw new CompileBudgetException(_ssa.Function, "block arguments", CompileBudget.Arguments);
        }
    }

    private void Seal(int block)
    {
        ref BlockState state = ref _blocks[block];
        state.IsSealed = true;
        if (state.Pending != None)
        {
            _unfilled.Add(block);
            FillPending();
        }
    }

    private void Finish()
    {
        foreach (ref BlockState state in _blocks.Span)
        {
            int start = _ssa.Lists.Count;
            for (int p = state.FirstParam; p != None; p = _params[p].Next)
            {
                _ssa.Lists.Add(_params[p].Value);
            }

            _ssa.Blocks.Add(new Block
            {
                First = state.First,
                End = state.End,
                ParamStart = start,
                ParamCount = state.ParamCount,
                LoopDepth = state.LoopDepth,
                IsLoopHeader = state.IsLoopHeader,
            });
        }

        foreach (ref EdgeState edge in _edges.Span)
        {
            int start = _ssa.Lists.Count;
            for (int a = edge.FirstArg; a != None; a = _args[a].Next)
            {
                _ssa.Lists.Add(_args[a].Value);
            }

            _ssa.Edges.Add(new Edge { Target = edge.Target, ArgStart = start, ArgCount = edge.ArgCount });
        }
    }
}
