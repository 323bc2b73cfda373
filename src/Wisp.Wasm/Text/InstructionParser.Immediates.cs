using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: what follows an instruction's word. In the text some indices may be left out and then are zero, and some
// come in another order than in the binary.
internal sealed partial class InstructionParser
{
    private void TakeOperator(Opcode opcode, WasmWriter to)
    {
        opcode = Choose(opcode);
        WriteOpcode(opcode, to);
        ImmediateKind kind = opcode.Immediates();
        switch (kind)
        {
            case ImmediateKind.None:
                break;
            case ImmediateKind.Zero:
                to.Byte(0);
                break;
            case ImmediateKind.Memarg:
                TakeMemarg(opcode, to, hasLane: false);
                break;
            case ImmediateKind.MemargLane:
                TakeMemarg(opcode, to, hasLane: true);
                TakeLane(to);
                break;
            case ImmediateKind.I32:
                to.Signed((int)_reader.TakeInteger(32));
                break;
            case ImmediateKind.I64:
                to.Signed((long)_reader.TakeInteger(64));
                break;
            case ImmediateKind.F32:
                to.Bits32((uint)_reader.TakeFloat(32));
                break;
            case ImmediateKind.F64:
                to.Bits64(_reader.TakeFloat(64));
                break;
            case ImmediateKind.V128:
                VectorText.Take(_reader, to);
                break;
            case ImmediateKind.Lane:
                TakeLane(to);
                break;
            case ImmediateKind.Lanes:
                TakeShuffle(to);
                break;
            case ImmediateKind.Label:
                to.Unsigned(TakeLabel());
                break;
            case ImmediateKind.Labels:
                TakeLabels(to);
                break;
            case ImmediateKind.Types:
                TakeSelectTypes(to);
                break;
            case ImmediateKind.Heap:
                TakeReferenceTest(opcode, to);
                break;
            case ImmediateKind.Cast:
                TakeCast(to);
                break;
            default:
                TakeIndices(kind, to);
                break;
        }
    }

    // Two opcodes share a word; what follows tells which one is meant.
    private Opcode Choose(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Select when _reader.IsOpen(Keyword.Result):
                return Opcode.SelectT;
            case Opcode.RefTest or Opcode.RefCast:
                int start = _reader.Position;
                bool isNullable = _types.TakeRefType().IsNullable;
                _reader.Position = start;
                return (opcode, isNullable) switch
                {
                    (Opcode.RefTest, true) => Opcode.RefTestNull,
                    (Opcode.RefCast, true) => Opcode.RefCastNull,
                    _ => opcode,
                };
            default:
                return opcode;
        }
    }

    private static void WriteOpcode(Opcode opcode, WasmWriter to)
    {
        if (opcode.Prefix() == 0)
        {
            to.Byte(opcode.Code());
        }
        else
        {
            to.Byte(opcode.Prefix());
            to.Unsigned((ulong)opcode.Code());
        }
    }

    private void TakeIndices(ImmediateKind kind, WasmWriter to)
    {
        switch (kind)
        {
            case ImmediateKind.Func:
                to.Unsigned(_scope.Functions.Take(_reader));
                break;
            case ImmediateKind.Type:
                to.Unsigned(_scope.Types.Take(_reader));
                break;
            case ImmediateKind.Local:
                to.Unsigned(_locals.Take(_reader));
                break;
            case ImmediateKind.Global:
                to.Unsigned(_scope.Globals.Take(_reader));
                break;
            case ImmediateKind.Table:
                to.Unsigned(_scope.Tables.TakeOptional(_reader));
                break;
            case ImmediateKind.Memory:
                to.Unsigned(_scope.Memories.TakeOptional(_reader));
                break;
            case ImmediateKind.Tag:
                to.Unsigned(_scope.Tags.Take(_reader));
                break;
            case ImmediateKind.Elem:
                to.Unsigned(_scope.Elements.Take(_reader));
                break;
            case ImmediateKind.Data:
                UsesDataSegments = true;
                to.Unsigned(_scope.Data.Take(_reader));
                break;
            default:
                TakeTwoIndices(kind, to);
                break;
        }
    }

    private void TakeTwoIndices(ImmediateKind kind, WasmWriter to)
    {
        switch (kind)
        {
            case ImmediateKind.TypeTable:
                uint table = _scope.Tables.TakeOptional(_reader);
                to.Unsigned(_types.TakeTypeUse(parameterNames: null));
                to.Unsigned(table);
                break;
            case ImmediateKind.TableTable:
                TakePair(_scope.Tables, to);
                break;
            case ImmediateKind.MemoryMemory:
                TakePair(_scope.Memories, to);
                break;
            case ImmediateKind.ElemTable:
                TakeSegmentBehind(_scope.Tables, _scope.Elements, to);
                break;
            case ImmediateKind.DataMemory:
                UsesDataSegments = true;
                TakeSegmentBehind(_scope.Memories, _scope.Data, to);
                break;
            case ImmediateKind.TypeType:
                to.Unsigned(_scope.Types.Take(_reader));
                to.Unsigned(_scope.Types.Take(_reader));
                break;
            case ImmediateKind.TypeField:
                TakeField(to);
                break;
            case ImmediateKind.TypeCount:
                to.Unsigned(_scope.Types.Take(_reader));
                to.Unsigned(_reader.TakeUnsigned(32));
                break;
            case ImmediateKind.TypeData:
                UsesDataSegments = true;
                to.Unsigned(_scope.Types.Take(_reader));
                to.Unsigned(_scope.Data.Take(_reader));
                break;
            case ImmediateKind.TypeElem:
                to.Unsigned(_scope.Types.Take(_reader));
                to.Unsigned(_scope.Elements.Take(_reader));
                break;
            default:
                throw new InvalidOperationException($"No rule for immediates {kind}.");
        }
    }

    // table.copy x y, memory.copy x y: both or none.
    private void TakePair(IndexSpace space, WasmWriter to)
    {
        bool isGiven = IndexSpace.IsNext(_reader);
        to.Unsigned(isGiven ? space.Take(_reader) : 0);
        to.Unsigned(isGiven ? space.Take(_reader) : 0);
    }

    // table.init x? y, memory.init x? y: in the binary the segment comes first.
    private void TakeSegmentBehind(IndexSpace space, IndexSpace segments, WasmWriter to)
    {
        bool hasSpace = _reader.NextKind is TokenKind.Identifier or TokenKind.Number;
        uint index = hasSpace ? space.Take(_reader) : 0;
        to.Unsigned(segments.Take(_reader));
        to.Unsigned(index);
    }

    private void TakeField(WasmWriter to)
    {
        uint type = _scope.Types.Take(_reader);
        to.Unsigned(type);
        if (_reader.Kind != TokenKind.Identifier)
        {
            to.Unsigned(_reader.TakeUnsigned(32));
            return;
        }

        int field = _scope.TypeTable.FieldAt(type, _reader.Current.Value);
        if (field < 0)
        {
            throw _reader.Error($"unknown field ${_reader.Source.Symbols[_reader.Current.Value]}");
        }

        _reader.Position++;
        to.Unsigned((ulong)field);
    }

    private void TakeLabels(WasmWriter to)
    {
        _labelList.Clear();
        do
        {
            _labelList.Add(TakeLabel());
        }
        while (IndexSpace.IsNext(_reader));

        to.Unsigned((ulong)_labelList.Count - 1);
        foreach (uint label in _labelList)
        {
            to.Unsigned(label);
        }
    }

    private void TakeSelectTypes(WasmWriter to)
    {
        var types = new List<ValType>();
        while (_reader.TryOpen(Keyword.Result))
        {
            _types.TakeResults(types);
        }

        to.Unsigned((ulong)types.Count);
        foreach (ValType type in types)
        {
            to.Type(type);
        }
    }

    // ref.null has a heap type; ref.test and ref.cast have a reference type, whose nullability is in the opcode.
    private void TakeReferenceTest(Opcode opcode, WasmWriter to) =>
        to.Heap(opcode == Opcode.RefNull ? _types.TakeHeapType() : _types.TakeRefType().Heap);

    // br_on_cast label from to: bit 0 and 1 say whether they are nullable.
    private void TakeCast(WasmWriter to)
    {
        uint label = TakeLabel();
        ValType source = _types.TakeRefType();
        ValType target = _types.TakeRefType();
        to.Byte((source.IsNullable ? 1 : 0) | (target.IsNullable ? 2 : 0));
        to.Unsigned(label);
        to.Heap(source.Heap);
        to.Heap(target.Heap);
    }

    // memarg ::= memidx? ('offset=' u64)? ('align=' u64)?     the binary has the exponent of the alignment
    private void TakeMemarg(Opcode opcode, WasmWriter to, bool hasLane)
    {
        // A number may also be the lane, unless more of what precedes a lane follows it.
        bool hasMemory = _reader.Kind == TokenKind.Identifier
            || (_reader.Kind == TokenKind.Number && (!hasLane || _reader.NextKind == TokenKind.Number
                || _reader.WordAfter(_reader.Position) is (int)Keyword.OffsetEquals or (int)Keyword.AlignEquals));
        uint memory = hasMemory ? _scope.Memories.Take(_reader) : 0;
        ulong offset = _reader.Is(Keyword.OffsetEquals) ? TakeAssigned("offset="u8.Length) : 0;
        int exponent = opcode.NaturalAlignment();
        if (_reader.Is(Keyword.AlignEquals))
        {
            ulong align = TakeAssigned("align="u8.Length);
            if (!System.Numerics.BitOperations.IsPow2(align))
            {
                _reader.Position--;
                throw _reader.Error("alignment must be a power of two");
            }

            exponent = System.Numerics.BitOperations.Log2(align);
        }

        to.Unsigned((uint)exponent | (memory != 0 ? 0x40u : 0));
        if (memory != 0)
        {
            to.Unsigned(memory);
        }

        to.Unsigned(offset);
    }

    // The number of a word like `offset=8`.
    private ulong TakeAssigned(int prefixLength)
    {
        ReadOnlySpan<byte> number = _reader.Source.TextOf(_reader.Current)[prefixLength..];
        switch (IntegerText.TryParseUnsigned(number, 64, out ulong value))
        {
            case NumberStatus.Malformed:
                throw _reader.UnknownOperator();
            case NumberStatus.OutOfRange:
                throw _reader.Error("i64 constant out of range");
        }

        _reader.Position++;
        return value;
    }

    private void TakeLane(WasmWriter to) => to.Byte((int)_reader.TakeUnsigned(8));

    private void TakeShuffle(WasmWriter to)
    {
        const int LaneCount = 16;
        int count = 0;
        while (VectorText.IsLiteral(_reader, _reader.Position + count))
        {
            count++;
        }

        if (count != LaneCount)
        {
            throw _reader.Error($"invalid lane length: i8x16.shuffle takes {LaneCount} lane indices, not {count}");
        }

        for (int i = 0; i < LaneCount; i++)
        {
            // Literals of any kind are lanes to the grammar, so even -1 and nan are numbers out of range.
            if (IntegerText.TryParseUnsigned(_reader.Source.TextOf(_reader.Current), 8, out ulong lane) != NumberStatus.Ok)
            {
                throw _reader.Error("i8 constant out of range");
            }

            to.Byte((int)lane);
            _reader.Position++;
        }
    }
}
