using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// Blocks, branches, calls and exceptions.
internal sealed partial class FunctionValidator
{
    private ControlFrame[] _frames = new ControlFrame[64];
    private int _depth;
    private int _maxDepth;
    private int _branchTables;   // how many there have been, to know which labels this one has checked

    private enum ControlKind : byte
    {
        Function,
        Block,
        Loop,
        If,
        Else,
        Try,
    }

    private struct ControlFrame
    {
        public ControlKind Kind;
        public bool Unreachable;     // while an inner frame is open
        public int Floor;            // where its operands start
        public int Initialized;      // how many locals had been initialized when it was opened
        public int Loop;             // number of the loop
        public int Type;             // function type, or -1
        public OperandType Single;   // without a function type: its only result, or bottom for none
        public int CheckedBy;        // the last br_table that checked its label
    }

    private void PushFrame(ControlKind kind, int type, OperandType single)
    {
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, 2 * _frames.Length);
        }

        if (_depth > 0)
        {
            _frames[_depth - 1].Unreachable = _unreachable;
        }

        ref ControlFrame frame = ref _frames[_depth++];
        frame.Kind = kind;
        frame.Floor = _height;
        frame.Initialized = _initializedCount;
        frame.Type = type;
        frame.Single = single;
        frame.CheckedBy = 0;
        frame.Loop = kind == ControlKind.Loop ? OpenLoop() : 0;
        _floor = _height;
        _unreachable = false;
        _maxDepth = Math.Max(_maxDepth, _depth);
    }

    private ReadOnlySpan<OperandType> ParametersOf(ref ControlFrame frame) =>
        frame.Type >= 0 ? _context.Parameters(frame.Type) : [];

    private ReadOnlySpan<OperandType> ResultsOf(ref ControlFrame frame) => frame.Type >= 0 ? _context.Results(frame.Type)
        : frame.Single.IsBottom ? [] : new ReadOnlySpan<OperandType>(in frame.Single);

    private ReadOnlySpan<OperandType> LabelOf(ref ControlFrame frame) =>
        frame.Kind == ControlKind.Loop ? ParametersOf(ref frame) : ResultsOf(ref frame);

    private ref ControlFrame FrameAt(int depth)
    {
        if ((uint)depth >= (uint)_depth)
        {
            Invalid.Unknown("label", depth, _offset);
        }

        return ref _frames[_depth - 1 - depth];
    }

    private void CheckBlockType(in BlockType block)
    {
        if (block.Type is { } type)
        {
            CheckFunctionType(type.Index);
        }
        else if (block.Result is { } result)
        {
            CheckType(result);
        }
    }

    private void Open(ControlKind kind, in BlockType block)
    {
        CheckBlockType(in block);
        if (block.Type is { } type)
        {
            ReadOnlySpan<OperandType> parameters = _context.Parameters(type.Index);
            PopAll(parameters);
            PushFrame(kind, type.Index, OperandType.Bottom);
            PushAll(parameters);
            return;
        }

        PushFrame(kind, -1, block.Result is { } result ? OperandType.From(result) : OperandType.Bottom);
    }

    private void Else()
    {
        ref ControlFrame frame = ref _frames[_depth - 1];
        if (frame.Kind != ControlKind.If)
        {
            // The binary format has else only between an if and its end.
            Malformed.EndExpected(_offset);
        }

        CloseOperands(ref frame);
        Uninitialize(frame.Initialized);
        frame.Kind = ControlKind.Else;
        _unreachable = false;
        PushAll(ParametersOf(ref frame));
    }

    private void End()
    {
        ref ControlFrame frame = ref _frames[_depth - 1];
        CloseOperands(ref frame);
        Uninitialize(frame.Initialized);
        if (frame.Kind == ControlKind.If && !_context.IsSubtype(ParametersOf(ref frame), ResultsOf(ref frame)))
        {
            Invalid.TypeMismatch(
                $"if without else takes {Invalid.Text(ParametersOf(ref frame))} and must leave {Invalid.Text(ResultsOf(ref frame))}",
                _offset);
        }
        else if (frame.Kind == ControlKind.Loop)
        {
            CloseLoop(frame.Loop);
        }

        _depth--;
        if (_depth > 0)
        {
            ref ControlFrame outer = ref _frames[_depth - 1];
            _floor = outer.Floor;
            _unreachable = outer.Unreachable;
            PushAll(ResultsOf(ref frame));
        }
    }

    /// <summary>Pops the results of the innermost block; nothing else may be left in it.</summary>
    private void CloseOperands(ref ControlFrame frame)
    {
        ReadOnlySpan<OperandType> results = ResultsOf(ref frame);
        PopAll(results);
        if (_height != _floor)
        {
            Invalid.TypeMismatch($"values remaining on stack at end of block: {Invalid.Text(Top(int.MaxValue))}", _offset);
        }
    }

    private void Branch(int depth)
    {
        PopAll(LabelOf(ref FrameAt(depth)));
        SetUnreachable();
    }

    private void BranchIf(int depth)
    {
        Pop(OperandType.I32);
        Retype(LabelOf(ref FrameAt(depth)));
    }

    private void BranchTable(ReadOnlySpan<int> labels)
    {
        Pop(OperandType.I32);
        int arity = LabelOf(ref FrameAt(labels[^1])).Length;
        _branchTables++;
        foreach (int label in labels)
        {
            ref ControlFrame frame = ref FrameAt(label);
            if (frame.CheckedBy == _branchTables)
            {
                continue;
            }

            frame.CheckedBy = _branchTables;
            ReadOnlySpan<OperandType> types = LabelOf(ref frame);
            if (types.Length != arity)
            {
                Invalid.TypeMismatch($"br_table labels take {arity} and {types.Length} operands", _offset);
            }

            Match(types);
        }

        SetUnreachable();
    }

    private int TypeOfFunction(int function)
    {
        if ((uint)function >= (uint)_module.Functions.Length)
        {
            Invalid.Unknown("function", function, _offset);
        }

        return _module.Functions[function].Index;
    }

    private void CheckFunctionType(int type)
    {
        if (!_context.IsFunctionType(type))
        {
            NotAFunctionType(type);
        }
    }

    private void NotAFunctionType(int type)
    {
        if ((uint)type >= (uint)_module.Types.Length)
        {
            Invalid.Unknown("type", type, _offset);
        }

        Invalid.TypeMismatch($"type {type} is not a function type", _offset);
    }

    private void CheckIndirect(in Instruction instruction)
    {
        TableType table = TableAt(instruction.Index2);
        CheckFunctionType(instruction.Index);
        if (!_context.IsSubtype(OperandType.From(table.Element), OperandType.From(ValType.FuncRef)))
        {
            Invalid.TypeMismatch($"table {instruction.Index2} has no function references", _offset);
        }

        Pop(AddressOf(table));
    }

    private void Call(int type)
    {
        _isLeaf = false;
        PopAll(_context.Parameters(type));
        PushAll(_context.Results(type));
    }

    private void ReturnCall(int type)
    {
        _isLeaf = false;
        PopAll(_context.Parameters(type));
        ReadOnlySpan<OperandType> results = _context.Results(type);
        ReadOnlySpan<OperandType> wanted = ResultsOf(ref _frames[0]);
        if (!_context.IsSubtype(results, wanted))
        {
            Invalid.TypeMismatch($"callee returns {Invalid.Text(results)}, caller {Invalid.Text(wanted)}", _offset);
        }

        SetUnreachable();
    }

    private void CheckException(ref Instruction instruction, ref InstructionReader reader)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Throw:
                PopAll(TagAt(instruction.Index));
                SetUnreachable();
                break;
            case Opcode.ThrowRef:
                Pop(OperandType.From(ValType.ExnRef));
                SetUnreachable();
                break;
            case Opcode.TryTable:
                foreach (CatchClause clause in reader.Catches)
                {
                    CheckCatch(clause);
                }

                Open(ControlKind.Try, in instruction.Block);
                break;
            default:
                throw new InvalidOperationException(instruction.Opcode.Text());
        }
    }

    // A clause branches from outside of the try_table, with the values of the exception and then perhaps a non-null reference to it.
    private void CheckCatch(CatchClause clause)
    {
        ReadOnlySpan<OperandType> values =
            clause.Kind is CatchKind.Catch or CatchKind.CatchRef ? TagAt(clause.Tag.Index) : [];
        ReadOnlySpan<OperandType> label = LabelOf(ref FrameAt(clause.Depth));
        bool withReference = clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef;
        ReadOnlySpan<OperandType> labelValues = withReference && label.Length > 0 ? label[..^1] : label;
        bool matches = !withReference
            || (label.Length > 0 && _context.IsSubtype(OperandType.Reference(false, HeapType.Exn), label[^1]));
        if (!matches || !_context.IsSubtype(values, labelValues))
        {
            Invalid.TypeMismatch(
                $"catch clause has {Invalid.Text(values)}{(withReference ? " and a reference" : "")}, its label takes {Invalid.Text(label)}",
                _offset);
        }
    }

    private ReadOnlySpan<OperandType> TagAt(int tag)
    {
        if ((uint)tag >= (uint)_module.Tags.Length)
        {
            Invalid.Unknown("tag", tag, _offset);
        }

        return _context.Parameters(_module.Tags[tag].Type.Index);
    }
}
