using Wisp.Compiler.Ir;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Translation;

// Blocks, branches and what is not reached.
internal sealed partial class FunctionTranslator
{
    private int Pop()
    {
        int value = _stack[^1];
        _stack.Resize(_stack.Count - 1);
        return value;
    }

    private void Push(int value) => _stack.Add(value);

    private void PushFrame(FrameKind kind, ref Instruction instruction)
    {
        ReadOnlySpan<ValType> parameters = instruction.Block.Parameters(_module);
        ReadOnlySpan<ValType> results = instruction.Block.Results(_module);
        var frame = new Frame
        {
            Kind = kind,
            Height = _stack.Count - parameters.Length,
            ParamCount = parameters.Length,
            LabelArity = kind == FrameKind.Loop ? parameters.Length : results.Length,
            Type = instruction.Block,
            EntryReachable = true,
            Else = None,
            Known = _known.Mark,
            Serial = ++_serial,
            OuterLoop = _loop,
        };
        frame.End = NewJoin();
        foreach (ValType result in results)
        {
            AddParam(frame.End, SsaTypeOf(result));
        }

        frame.Label = frame.End;
        if (kind == FrameKind.Loop)
        {
            _loopDepth++;
            int header = NewBlock();
            frame.Label = header;
            _loop = _frames.Count;
            _blocks[header].IsLoopHeader = true;
            _blocks[header].Loop = _loops++;
            int edge = AddEdge(header, parameters.Length);
            Terminate(Op.Jump, edge);
            _stack.Resize(frame.Height);
            Start(header);
            foreach (ValType parameter in parameters)
            {
                Push(AddParam(header, SsaTypeOf(parameter)));
            }

            Emit(Op.StackCheck, SsaType.None);
        }
        else if (kind == FrameKind.If)
        {
            int condition = Pop();
            frame.Height = _stack.Count - parameters.Length;
            frame.IfParams = _ifParams.AddRange(_stack.Span[frame.Height..]);
            int then = NewBlock();
            frame.Else = NewBlock();
            int whenTrue = AddEdge(then);
            int whenFalse = AddEdge(frame.Else);
            Terminate(Op.Branch, condition, whenTrue, whenFalse);
            Seal(then);
            Seal(frame.Else);
            Start(then);
        }

        _frames.Add(frame);
    }

    private void SkipUnreachable(ref Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.If or Opcode.TryTable:
                if (instruction.Opcode == Opcode.Loop)
                {
                    _loops++;
                }

                _frames.Add(new Frame { Kind = FrameKind.Block, EntryReachable = false, End = None, Else = None });
                break;
            case Opcode.Else:
                TranslateElse();
                break;
            case Opcode.End:
                TranslateEnd();
                break;
            default:
                break;
        }
    }

    private void TranslateElse()
    {
        Frame frame = _frames[^1];
        if (!frame.EntryReachable)
        {
            return;
        }

        if (_reachable)
        {
            int edge = AddEdge(frame.End, frame.LabelArity);
            Terminate(Op.Jump, edge);
        }

        _stack.Resize(frame.Height);
        _stack.AddRange(_ifParams.Span[frame.IfParams..]);
        _ifParams.Resize(frame.IfParams);
        _known.ReturnTo(frame.Known);
        Start(frame.Else);
        frame.Kind = FrameKind.Else;
        frame.Serial = ++_serial;
        frame.Else = None;
        _frames[^1] = frame;
    }

    private void TranslateEnd()
    {
        Frame frame = _frames[^1];
        _frames.Resize(_frames.Count - 1);
        if (!frame.EntryReachable)
        {
            return;
        }

        int results = frame.Kind == FrameKind.Loop ? frame.Type.Results(_module).Length : frame.LabelArity;
        if (_reachable)
        {
            int edge = AddEdge(frame.End, results);
            Terminate(Op.Jump, edge);
        }

        _known.ReturnTo(frame.Known);
        if (frame.Else != None)
        {
            // An if without else: its parameters are its results.
            _stack.Resize(frame.Height);
            _stack.AddRange(_ifParams.Span[frame.IfParams..]);
            _ifParams.Resize(frame.IfParams);
            Start(frame.Else);
            int edge = AddEdge(frame.End, results);
            Terminate(Op.Jump, edge);
        }

        if (frame.Kind == FrameKind.Loop)
        {
            Seal(frame.Label);
            _loopDepth--;
            _loop = frame.OuterLoop;
        }

        _stack.Resize(frame.Height);
        Seal(frame.End);
        if (_blocks[frame.End].EdgeCount == 0)
        {
            return;
        }

        Start(frame.End);
        int param = _blocks[frame.End].FirstParam;
        for (int i = 0; i < results; i++)
        {
            Push(_params[param].Value);
            param = _params[param].Next;
        }

        if (_frames.Count == 0)
        {
            Return();
        }
    }

    private void Return()
    {
        int count = _ssa.Type.Results.Length;
        int start = PopList(count);
        Terminate(Op.Return, 0, start, count);
    }

    private int PopList(int count)
    {
        int start = _ssa.Lists.Count;
        _ssa.Lists.AddRange(_stack.Span[^count..]);
        _stack.Resize(_stack.Count - count);
        return start;
    }

    private Frame Target(int depth) => _frames[_frames.Count - 1 - depth];

    private void TranslateBranch(int depth)
    {
        Frame target = Target(depth);
        int edge = AddEdge(target.Label, target.LabelArity);
        Terminate(Op.Jump, edge);
    }

    private void TranslateBranchIf(int depth, int condition, bool whenTrue)
    {
        Frame target = Target(depth);
        int taken = AddEdge(target.Label, target.LabelArity);
        int next = NewBlock();
        int fall = AddEdge(next);
        Terminate(Op.Branch, condition, whenTrue ? taken : fall, whenTrue ? fall : taken);
        Seal(next);
        Start(next);
    }

    private void TranslateBranchTable(ReadOnlySpan<int> labels)
    {
        int index = Pop();
        int first = _edges.Count;
        foreach (int label in labels)
        {
            Frame target = Target(label);
            AddEdge(target.Label, target.LabelArity);
        }

        Terminate(Op.BranchTable, index, first, labels.Length);
    }
}
