using Wisp.Wasm.Binary;

namespace Wisp.Wasm.Text;

// This part: blocks, folding and labels.
internal sealed partial class InstructionParser
{
    private void TakePlain()
    {
        Opcode opcode = TakeOpcode();
        switch (opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.TryTable:
                TakeBlockHead(opcode, Output, out int label);
                Push(FrameKind.Block, label);
                break;
            case Opcode.If:
                TakeBlockHead(opcode, Output, out label);
                Push(FrameKind.If, label);
                break;
            case Opcode.Else:
                if (_frames.Count == 0 || _frames[^1].Kind != FrameKind.If)
                {
                    _reader.Position--;
                    throw _reader.Unexpected("an instruction");
                }

                CheckLabel();
                Output.Byte(Opcode.Else.Code());
                _frames[^1] = _frames[^1] with { Kind = FrameKind.Else };
                break;
            case Opcode.End:
                if (_frames.Count == 0 || _frames[^1].Kind is not (FrameKind.Block or FrameKind.If or FrameKind.Else))
                {
                    _reader.Position--;
                    throw _reader.Unexpected("an instruction");
                }

                CheckLabel();
                End();
                break;
            default:
                TakeOperator(opcode, Output);
                break;
        }
    }

    private void OpenFolded()
    {
        int word = _reader.WordAfter(_reader.Position);
        if (_frames.Count > 0 && TakeBranchOfIf(word))
        {
            return;
        }

        bool mayFold = HoldsInstructions() || _frames[^1].Kind is FrameKind.FoldedOperator or FrameKind.FoldedCondition;
        if (!mayFold)
        {
            throw _reader.Unexpected("\")\"");
        }

        _reader.Position++;
        Opcode opcode = TakeOpcode();
        switch (opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.TryTable:
                TakeBlockHead(opcode, Output, out int label);
                Push(FrameKind.FoldedBlock, label);
                break;
            case Opcode.If:
                int start = _pending.Length;
                TakeBlockHead(opcode, _pending, out label);
                _frames.Add(new Frame(FrameKind.FoldedCondition, start, label, 0));
                break;
            case Opcode.Else or Opcode.End:
                _reader.Position--;
                throw _reader.Unexpected("an instruction");
            default:
                start = _pending.Length;
                TakeOperator(opcode, _pending);
                _frames.Add(new Frame(FrameKind.FoldedOperator, start, -1, 0));
                break;
        }
    }

    /// <summary>Steps over <c>(then</c> and <c>(else</c> where a folded <c>if</c> has them.</summary>
    private bool TakeBranchOfIf(int word)
    {
        Frame top = _frames[^1];
        if (top.Kind == FrameKind.FoldedCondition && word == (int)Keyword.Then)
        {
            _reader.Position += 2;
            WritePending(top);
            _frames.RemoveAt(_frames.Count - 1);
            Push(FrameKind.FoldedAfterThen, top.Label);   // only now: the condition is outside of the label
            _frames.Add(new Frame(FrameKind.FoldedThen, 0, -1, 0));
            return true;
        }

        if (top.Kind == FrameKind.FoldedAfterThen && word == (int)Opcode.Else)
        {
            _reader.Position += 2;
            Output.Byte(Opcode.Else.Code());
            _frames[^1] = top with { Kind = FrameKind.FoldedAfterElse };
            _frames.Add(new Frame(FrameKind.FoldedElse, 0, -1, 0));
            return true;
        }

        return false;
    }

    private void CloseFolded()
    {
        if (_frames.Count == 0)
        {
            throw _reader.Unexpected("an instruction");
        }

        Frame top = _frames[^1];
        switch (top.Kind)
        {
            case FrameKind.FoldedOperator:
                WritePending(top);
                _frames.RemoveAt(_frames.Count - 1);
                break;
            case FrameKind.FoldedThen or FrameKind.FoldedElse:
                _frames.RemoveAt(_frames.Count - 1);
                break;
            case FrameKind.FoldedBlock or FrameKind.FoldedAfterThen or FrameKind.FoldedAfterElse:
                End();
                break;
            case FrameKind.FoldedCondition:
                throw _reader.Unexpected("\"(then\"");
            default:
                throw _reader.Unexpected("\"end\"");
        }

        _reader.Position++;
    }

    private void WritePending(Frame frame)
    {
        Output.Bytes(_pending.Written[frame.PendingStart..]);
        _pending.Truncate(frame.PendingStart);
    }

    private void End()
    {
        Output.Byte(Opcode.End.Code());
        Frame frame = _frames[^1];
        _frames.RemoveAt(_frames.Count - 1);
        _labelDepth--;
        if (frame.Label >= 0)
        {
            if (frame.ShadowedDepth < 0)
            {
                _labels.Remove(frame.Label);
            }
            else
            {
                _labels[frame.Label] = frame.ShadowedDepth;
            }
        }
    }

    private void Push(FrameKind kind, int label)
    {
        int shadowed = -1;
        if (label >= 0)
        {
            shadowed = _labels.GetValueOrDefault(label, -1);
            _labels[label] = _labelDepth;
        }

        _labelDepth++;
        _frames.Add(new Frame(kind, 0, label, shadowed));
    }

    private void TakeBlockHead(Opcode opcode, WasmWriter to, out int label)
    {
        label = _reader.TakeSymbol();
        WriteOpcode(opcode, to);
        _types.TakeBlockType(to);
        if (opcode == Opcode.TryTable)
        {
            TakeCatches(to);
        }
    }

    // catch ::= '(' 'catch' tag label ')' | '(' 'catch_ref' tag label ')' | '(' 'catch_all' label ')' | '(' 'catch_all_ref' label ')'
    // Their labels are those around the try_table.
    private void TakeCatches(WasmWriter to)
    {
        var clauses = new WasmWriter();
        int count = 0;
        while (_reader.Kind == TokenKind.LeftParen
            && _reader.WordAfter(_reader.Position) is >= (int)Keyword.Catch and <= (int)Keyword.CatchAllRef)
        {
            int kind = _reader.WordAfter(_reader.Position) - (int)Keyword.Catch;
            _reader.Position += 2;
            clauses.Byte(kind);
            if (kind < 2)
            {
                clauses.Unsigned(_scope.Tags.Take(_reader));
            }

            clauses.Unsigned(TakeLabel());
            _reader.ExpectClose();
            count++;
        }

        to.Unsigned((ulong)count);
        to.Bytes(clauses.Written);
    }

    private void CheckLabel()
    {
        if (_reader.Kind == TokenKind.Identifier && _reader.Current.Value != _frames[^1].Label)
        {
            throw _reader.Error($"mismatching label ${_reader.Source.Symbols[_reader.Current.Value]}");
        }

        _reader.TakeSymbol();
    }

    private uint TakeLabel()
    {
        if (_reader.Kind != TokenKind.Identifier)
        {
            return (uint)_reader.TakeUnsigned(32);
        }

        if (!_labels.TryGetValue(_reader.Current.Value, out int depth))
        {
            throw _reader.Error($"unknown label ${_reader.Source.Symbols[_reader.Current.Value]}");
        }

        _reader.Position++;
        return (uint)(_labelDepth - 1 - depth);
    }
}
