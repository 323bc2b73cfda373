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
    private readonly ConstantTable?[] _tables;
    private readonly CodeOptions _options;
    private readonly GrowableArray<Frame> _frames = new();
    private readonly GrowableArray<int> _stack = new();
    private readonly GrowableArray<int> _ifParams = new();   // of the ifs that are open, until their else
    private FunctionFacts _facts = null!;
    private int _block;
    private bool _reachable;
    private int _source;
    private int _loops;
    private int _loopDepth;
    private int _loop;             // where the innermost loop stands in _frames; 0, the function's own frame, when there is none
    private int _serial;

    public FunctionTranslator(WasmModule module, VmLayout layout, ConstantTable?[] tables, CodeOptions options)
    {
        _tables = tables;
        _module = module;
        _layout = layout;
        _options = options;
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
        public int IfParams;       // where its parameters start in _ifParams
        public int Serial;         // of the construct, or of the arm of an if: unlike all others of the function
        public int OuterLoop;      // of a loop: what _loop was
        public int Known;          // mark of the value table when it opened
    }

    public void Translate(FuncIndex function, FunctionBody body, FunctionFacts facts, SsaFunction ssa)
    {
        _ssa = ssa;
        _ssa.Reset();
        _blocks.Clear();
        _edges.Clear();
        _params.Clear();
        _args.Clear();
        _frames.Clear();
        _stack.Clear();
        _ifParams.Clear();
        _unfilled.Clear();
        _filling = false;
        _steps = 0;
        _definitions.Clear();
        _known.ReturnTo(0);
        _vectors.Clear();
        _facts = facts;
        _loops = 0;
        _loopDepth = 0;
        _loop = 0;
        _serial = 0;
        _ssa.Function = function;
        _ssa.Type = _module.TypeOf(function);
        _source = body.Offset;
        DeclareLocals(body);

        int entry = NewBlock();
        Seal(entry);
        Start(entry);
        for (int i = 0; i < _ssa.Type.Parameters.Length; i++)
        {
            Define(_block, i, AddParam(entry, TypeOfLocal(i)));
        }

        foreach (SsaType type in (ReadOnlySpan<SsaType>)[SsaType.I32, SsaType.I64, SsaType.F32, SsaType.F64])
        {
            _zeros[(int)type] = Const(type, 0);
        }

        MakeZeroVector();
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
            if (_ssa.Insts.Count > CompileBudget.Instructions)
            {
                throw new CompileBudgetException(function, "instructions", CompileBudget.Instructions);
            }

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

    public static SsaType SsaTypeOf(ValType type) => type.Kind switch
    {
        ValueKind.I32 => SsaType.I32,
        ValueKind.F32 => SsaType.F32,
        ValueKind.F64 => SsaType.F64,
        ValueKind.V128 => SsaType.V128,
        _ => SsaType.I64,
    };

    private void Terminate(Op op, int a = 0, int b = 0, int c = 0, int d = 0, int flags = 0)
    {
        Emit(op, SsaType.None, a, b, c, d, flags);
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
}
