using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Translation;

/// <summary>Builds the SSA form of a validated function (Braun et al., on demand, with what validation learned about loops).</summary>
internal sealed partial class FunctionTranslator
{
    private const int None = -1;

    private SsaFunction _ssa = null!;
    private readonly WasmModule _module;
    private readonly VmLayout _layout;
    private readonly CodeOptions _options;
    private readonly List<BlockState> _blocks = [];
    private readonly List<EdgeState> _edges = [];
    private readonly List<Frame> _frames = [];
    private readonly List<int> _stack = [];
    private readonly Dictionary<long, int> _definitions = [];
    private FunctionFacts _facts = null!;
    private ValType[] _localTypes = [];
    private int _block;
    private bool _reachable;
    private int _source;
    private int _loops;
    private int _loopDepth;

    public FunctionTranslator(WasmModule module, VmLayout layout, CodeOptions options)
    {
        _module = module;
        _layout = layout;
        _options = options;
    }

    private sealed class BlockState
    {
        public List<int> Predecessors = [];     // edges
        public List<int> Params = [];
        public List<(int Local, int Param)> Pending = [];
        public bool IsSealed;
        public bool IsLoopHeader;
        public int Loop = None;
        public int LoopDepth;
        public int First = None;
        public int End;
    }

    private sealed class EdgeState
    {
        public int Source;
        public int Target;
        public List<int> Args = [];
    }

    private enum FrameKind
    {
        Block,
        Loop,
        If,
        Else,
    }

    private struct Frame
    {
        public FrameKind Kind;
        public int Label;          // block that a branch goes to
        public int End;            // block behind the construct
        public int Else;           // of an if
        public int Height;
        public int ParamCount;
        public int LabelArity;
        public BlockType Type;
        public bool EntryReachable;
        public int[]? IfParams;
        public int Known;          // mark of the value table when it opened
    }

    public void Translate(FuncIndex function, FunctionBody body, FunctionFacts facts, SsaFunction ssa)
    {
        _ssa = ssa;
        _ssa.Reset();
        _blocks.Clear();
        _edges.Clear();
        _frames.Clear();
        _stack.Clear();
        _definitions.Clear();
        _known.ReturnTo(0);
        _facts = facts;
        _loops = 0;
        _loopDepth = 0;
        _ssa.Function = function;
        _ssa.Type = _module.TypeOf(function);
        _source = body.Offset;
        DeclareLocals(body);

        int entry = NewBlock();
        Seal(entry);
        Start(entry);
        for (int i = 0; i < _ssa.Type.Parameters.Length; i++)
        {
            Define(_block, i, AddParam(entry, SsaTypeOf(_localTypes[i])));
        }

        foreach (SsaType type in (ReadOnlySpan<SsaType>)[SsaType.I32, SsaType.I64, SsaType.F32, SsaType.F64])
        {
            _zeros[(int)type] = Const(type, 0);
        }

        int end = NewBlock();
        foreach (ValType result in _ssa.Type.Results)
        {
            AddParam(end, SsaTypeOf(result));
        }

        _frames.Add(new Frame
        {
            Kind = FrameKind.Block,
            Label = end,
            End = end,
            LabelArity = _ssa.Type.Results.Length,
            EntryReachable = true,
            Else = None,
        });
        var reader = new InstructionReader(_module, body.Offset, body.Length);
        var instruction = default(Instruction);
        while (_frames.Count > 0)
        {
            reader.Read(ref instruction);
            _source = instruction.Offset;
            if (_reachable)
            {
                Translate(ref instruction, ref reader);
            }
            else
            {
                SkipUnreachable(ref instruction);
            }
        }

        Finish();
    }

    private void DeclareLocals(FunctionBody body)
    {
        var types = new List<ValType>(_ssa.Type.Parameters);
        foreach (LocalRun run in body.Locals)
        {
            for (uint i = 0; i < run.Count; i++)
            {
                types.Add(run.Type);
            }
        }

        _localTypes = [.. types];
    }

    public static SsaType SsaTypeOf(ValType type) => type.Kind switch
    {
        ValueKind.I32 => SsaType.I32,
        ValueKind.F32 => SsaType.F32,
        ValueKind.F64 => SsaType.F64,
        ValueKind.V128 => throw new UnsupportedFeatureException("not supported yet: SIMD (a v128 value)"),
        _ => SsaType.I64,
    };

    // ---- blocks and edges ----

    private int NewBlock()
    {
        _blocks.Add(new BlockState { LoopDepth = _loopDepth });
        return _blocks.Count - 1;
    }

    private void Start(int block)
    {
        _block = block;
        _blocks[block].First = _ssa.Insts.Count;
        _ssa.Order.Add(block);
        _reachable = true;
    }

    private int AddParam(int block, SsaType type)
    {
        int value = _ssa.Insts.Add(new Inst { Op = Op.Param, Type = type, A = block, B = _blocks[block].Params.Count });
        _ssa.SourceOffsets.Add(_source);
        _blocks[block].Params.Add(value);
        return value;
    }

    private int AddEdge(int target)
    {
        _edges.Add(new EdgeState { Source = _block, Target = target });
        _blocks[target].Predecessors.Add(_edges.Count - 1);
        return _edges.Count - 1;
    }

    private int AddEdge(int target, int arity)
    {
        int edge = AddEdge(target);
        for (int i = _stack.Count - arity; i < _stack.Count; i++)
        {
            _edges[edge].Args.Add(_stack[i]);
        }

        return edge;
    }

    private void Terminate(Op op, int a = 0, int b = 0, int c = 0, int d = 0)
    {
        Emit(op, SsaType.None, a, b, c, d);
        _blocks[_block].End = _ssa.Insts.Count;
        _reachable = false;
    }

    private int Emit(Op op, SsaType type, int a = 0, int b = 0, int c = 0, int d = 0, int flags = 0)
    {
        int value = _ssa.Insts.Add(new Inst { Op = op, Type = type, A = a, B = b, C = c, D = d, Flags = (byte)flags });
        _ssa.SourceOffsets.Add(_source);
        return value;
    }

    private int Const(SsaType type, long bits) =>
        Pure(Op.Const, type, (int)bits, type is SsaType.I32 or SsaType.F32 ? 0 : (int)(bits >> 32));

    // ---- locals ----

    private void Define(int block, int local, int value) => _definitions[((long)block << 32) | (uint)local] = value;

    private int ReadLocal(int local)
    {
        int block = _block;
        while (true)
        {
            if (_definitions.TryGetValue(((long)block << 32) | (uint)local, out int value))
            {
                if (block != _block)
                {
                    Define(_block, local, value);
                }

                return value;
            }

            BlockState state = _blocks[block];
            if (state.Predecessors.Count == 0)
            {
                // The entry: a declared local starts as zero. The constant stands in the entry block so that it dominates.
                return DefaultOf(local);
            }

            if ((state.IsSealed && state.Predecessors.Count == 1) || (state.IsLoopHeader && !IsWritten(state.Loop, local)))
            {
                block = _edges[state.Predecessors[0]].Source;
                continue;
            }

            int param = AddParam(block, SsaTypeOf(_localTypes[local]));
            Define(block, local, param);
            state.Pending.Add((local, param));
            if (state.IsSealed)
            {
                _unfilled.Add(block);
            }

            FillPending();
            if (block != _block)
            {
                Define(_block, local, param);
            }

            return param;
        }
    }

    private readonly List<int> _unfilled = [];
    private bool _filling;

    // Gives the parameters of sealed blocks their arguments; looking those up may make more parameters.
    private void FillPending()
    {
        if (_filling)
        {
            return;
        }

        _filling = true;
        int current = _block;
        while (_unfilled.Count > 0)
        {
            int block = _unfilled[^1];
            BlockState state = _blocks[block];
            if (state.Pending.Count == 0)
            {
                _unfilled.RemoveAt(_unfilled.Count - 1);
                continue;
            }

            (int local, _) = state.Pending[0];
            state.Pending.RemoveAt(0);
            foreach (int edge in state.Predecessors)
            {
                _block = _edges[edge].Source;
                _edges[edge].Args.Add(ReadLocal(local));
            }
        }

        _block = current;
        _filling = false;
    }

    private bool IsWritten(int loop, int local) =>
        _facts.WritesAllLocals(loop) || _facts.LocalsWrittenInLoop(loop).BinarySearch(local) >= 0;

    private int DefaultOf(int local)
    {
        Define(0, local, _zeros[(int)SsaTypeOf(_localTypes[local])]);
        return _zeros[(int)SsaTypeOf(_localTypes[local])];
    }

    private readonly int[] _zeros = new int[6];

    private void Seal(int block)
    {
        BlockState state = _blocks[block];
        state.IsSealed = true;
        if (state.Pending.Count > 0)
        {
            _unfilled.Add(block);
            FillPending();
        }
    }

    // ---- the end ----

    private void Finish()
    {
        foreach (BlockState state in _blocks)
        {
            int start = _ssa.Lists.Count;
            foreach (int param in state.Params)
            {
                _ssa.Lists.Add(param);
            }

            _ssa.Blocks.Add(new Block
            {
                First = Math.Max(state.First, 0),
                End = state.End,
                ParamStart = start,
                ParamCount = state.Params.Count,
                LoopDepth = state.LoopDepth,
                IsLoopHeader = state.IsLoopHeader,
            });
        }

        foreach (EdgeState edge in _edges)
        {
            int start = _ssa.Lists.Count;
            foreach (int arg in edge.Args)
            {
                _ssa.Lists.Add(arg);
            }

            _ssa.Edges.Add(new Edge { Target = edge.Target, ArgStart = start, ArgCount = edge.Args.Count });
        }
    }
}
