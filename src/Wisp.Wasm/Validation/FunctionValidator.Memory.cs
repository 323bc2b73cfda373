using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// Memories, tables, segments and plain references.
internal sealed partial class FunctionValidator
{
    private OperandType AddressOf(int memory) => MemoryAt(memory).Is64 ? OperandType.I64 : OperandType.I32;

    private static OperandType AddressOf(TableType table) => table.Is64 ? OperandType.I64 : OperandType.I32;

    private MemoryType MemoryAt(int memory)
    {
        if ((uint)memory >= (uint)_module.Memories.Length)
        {
            Invalid.Unknown("memory", memory, _offset);
        }

        return _module.Memories[memory];
    }

    private TableType TableAt(int table)
    {
        if ((uint)table >= (uint)_module.Tables.Length)
        {
            Invalid.Unknown("table", table, _offset);
        }

        return _module.Tables[table];
    }

    private TableType WrittenTableAt(int table)
    {
        TableType type = TableAt(table);
        _context.Written[table] = true;
        return type;
    }

    private OperandType CheckMemarg(in Instruction instruction)
    {
        MemoryType memory = MemoryAt(instruction.Memory);
        int natural = instruction.Opcode.NaturalAlignment();
        if (instruction.Align > natural)
        {
            Invalid.Because($"alignment must not be larger than natural: 2**{instruction.Align}, not 2**{natural}", _offset);
        }

        if (instruction.Align < natural && instruction.Opcode.Effect() == OpcodeEffect.Atomic)
        {
            Invalid.Because($"atomic alignment must be natural: 2**{instruction.Align}, not 2**{natural}", _offset);
        }

        if (!memory.Is64 && instruction.Bits > uint.MaxValue)
        {
            Invalid.Because($"offset out of range: {instruction.Bits}", _offset);
        }

        return memory.Is64 ? OperandType.I64 : OperandType.I32;
    }

    private void CheckLane(in Instruction instruction)
    {
        if (instruction.Lane >= instruction.Opcode.LaneCount())
        {
            Invalid.Because($"invalid lane index {instruction.Lane}", _offset);
        }
    }

    private void CheckShuffle(in Instruction instruction)
    {
        UInt128 lanes = instruction.Vector;
        for (int i = 0; i < 16; i++, lanes >>= 8)
        {
            byte lane = (byte)lanes;
            if (lane >= instruction.Opcode.LaneCount())
            {
                Invalid.Because($"invalid lane index {lane}", _offset);
            }
        }
    }

    private void CheckData(int data)
    {
        if (_module.DataCount is null)
        {
            Malformed.DataCountMissing(_offset);
        }

        if ((uint)data >= (uint)_module.Data.Length)
        {
            Invalid.Unknown("data segment", data, _offset);
        }
    }

    private ElementSegment CheckElement(int element)
    {
        if ((uint)element >= (uint)_module.Elements.Length)
        {
            Invalid.Unknown("elem segment", element, _offset);
        }

        return _module.Elements[element];
    }

    private void CheckTablesAndReferences(in Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.TableGet:
                TableType read = TableAt(instruction.Index);
                Pop(AddressOf(read));
                Push(OperandType.From(read.Element));
                break;
            case Opcode.TableSet:
                TableType written = WrittenTableAt(instruction.Index);
                PopAll([AddressOf(written), OperandType.From(written.Element)]);
                break;
            case Opcode.TableSize:
                Push(AddressOf(TableAt(instruction.Index)));
                break;
            case Opcode.TableGrow:
                TableType grown = WrittenTableAt(instruction.Index);
                PopAll([OperandType.From(grown.Element), AddressOf(grown)]);
                Push(AddressOf(grown));
                break;
            case Opcode.TableFill:
                TableType filled = WrittenTableAt(instruction.Index);
                PopAll([AddressOf(filled), OperandType.From(filled.Element), AddressOf(filled)]);
                break;
            case Opcode.TableInit:
                TableInit(in instruction);
                break;
            case Opcode.TableCopy:
                TableCopy(in instruction);
                break;
            case Opcode.MemoryCopy:
                OperandType to = AddressOf(instruction.Memory);
                OperandType from = AddressOf(instruction.Index2);
                PopAll([to, from, Smaller(to, from)]);
                break;
            case Opcode.RefNull:
                CheckType(instruction.Type);
                Push(OperandType.From(instruction.Type));
                break;
            case Opcode.RefIsNull:
                PopReference();
                Push(OperandType.I32);
                break;
            case Opcode.RefFunc:
                RefFunc(instruction.Index);
                break;
            case Opcode.RefAsNonNull:
                Push(NonNull(PopReference()));
                break;
            case Opcode.BrOnNull:
                BranchOnNull(instruction.Index);
                break;
            case Opcode.BrOnNonNull:
                BranchOnNonNull(instruction.Index);
                break;
            case Opcode.CallRef:
                CheckFunctionType(instruction.Index);
                Pop(OperandType.Reference(true, instruction.Index));
                Call(instruction.Index);
                break;
            case Opcode.ReturnCallRef:
                CheckFunctionType(instruction.Index);
                Pop(OperandType.Reference(true, instruction.Index));
                ReturnCall(instruction.Index);
                break;
            default:
                throw new InvalidOperationException($"no rule for {instruction.Opcode.Text()}");
        }
    }

    private static OperandType Smaller(OperandType one, OperandType other) => one == OperandType.I32 ? one : other;

    private void TableInit(in Instruction instruction)
    {
        TableType table = WrittenTableAt(instruction.Index2);
        ElementSegment segment = CheckElement(instruction.Index);
        CheckElements(OperandType.From(segment.Type), OperandType.From(table.Element));
        PopAll([AddressOf(table), OperandType.I32, OperandType.I32]);
    }

    private void TableCopy(in Instruction instruction)
    {
        TableType to = WrittenTableAt(instruction.Index);
        TableType from = TableAt(instruction.Index2);
        CheckElements(OperandType.From(from.Element), OperandType.From(to.Element));
        PopAll([AddressOf(to), AddressOf(from), Smaller(AddressOf(to), AddressOf(from))]);
    }

    private void CheckElements(OperandType actual, OperandType wanted)
    {
        if (!_context.IsSubtype(actual, wanted))
        {
            Invalid.TypeMismatch($"elements of {actual} cannot become elements of {wanted}", _offset);
        }
    }

    private void RefFunc(int function)
    {
        int type = TypeOfFunction(function);
        if (!_context.Declared[function])
        {
            Invalid.Because($"undeclared function reference {function}", _offset);
        }

        Push(OperandType.Reference(false, type));
    }

    // What is known not to be null. Of an unknown operand only that it is some reference.
    private static OperandType NonNull(OperandType type) =>
        type.IsBottom ? OperandType.Reference(false, OperandType.BottomHeap) : type.AsNonNull;

    private void BranchOnNull(int depth)
    {
        OperandType reference = PopReference();
        Retype(LabelOf(ref FrameAt(depth)));
        Push(NonNull(reference));
    }

    // The label takes the reference as its last operand; what falls through is everything before it.
    private void BranchOnNonNull(int depth)
    {
        ReadOnlySpan<OperandType> label = LabelOf(ref FrameAt(depth));
        if (label.Length == 0 || !label[^1].IsReference)
        {
            Invalid.TypeMismatch($"br_on_non_null needs a label that takes a reference, not {Invalid.Text(label)}", _offset);
        }

        OperandType reference = PopReference();
        Push(NonNull(reference));
        PopAll(label);
        PushAll(label[..^1]);
    }

    private void Select()
    {
        Pop(OperandType.I32);
        OperandType second = PopAny();
        OperandType first = PopAny();
        if (first.IsReference || second.IsReference || (first != second && !first.IsBottom && !second.IsBottom))
        {
            Invalid.TypeMismatch($"select without type needs two equal numbers, not [{first} {second}]", _offset);
        }

        Push(first.IsBottom ? second : first);
    }

    private void SelectTyped(ReadOnlySpan<ValType> types)
    {
        if (types.Length != 1)
        {
            Invalid.Because($"invalid result arity: select with {types.Length} types", _offset);
        }

        CheckType(types[0]);
        OperandType type = OperandType.From(types[0]);
        PopAll([type, type, OperandType.I32]);
        Push(type);
    }
}
