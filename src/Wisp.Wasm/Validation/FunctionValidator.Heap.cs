using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// Structures, arrays and casts.   https://webassembly.github.io/spec/core/valid/instructions.html#aggregate-reference-instructions
internal sealed partial class FunctionValidator
{
    private const int MaxFixedElements = 10_000;

    private void CheckHeap(in Instruction instruction)
    {
        int type = instruction.Index;
        switch (instruction.Opcode)
        {
            case Opcode.StructNew:
                StructNew(type);
                break;
            case Opcode.StructNewDefault:
                foreach (FieldType field in StructAt(type).Fields)
                {
                    CheckDefaultable(field);
                }

                Push(OperandType.Reference(false, type));
                break;
            case Opcode.StructGet:
            case Opcode.StructGetS:
            case Opcode.StructGetU:
                FieldType read = FieldAt(type, instruction.Index2);
                CheckPacking(read, instruction.Opcode != Opcode.StructGet);
                Pop(OperandType.Reference(true, type));
                Push(OperandType.From(read.Type));
                break;
            case Opcode.StructSet:
                FieldType written = FieldAt(type, instruction.Index2);
                CheckMutable(written, "field");
                PopAll([OperandType.Reference(true, type), OperandType.From(written.Type)]);
                break;
            case Opcode.RefEq:
                PopAll([OperandType.Reference(true, HeapType.Eq), OperandType.Reference(true, HeapType.Eq)]);
                Push(OperandType.I32);
                break;
            case Opcode.RefI31:
                Pop(OperandType.I32);
                Push(OperandType.Reference(false, HeapType.I31));
                break;
            case Opcode.I31GetS:
            case Opcode.I31GetU:
                Pop(OperandType.Reference(true, HeapType.I31));
                Push(OperandType.I32);
                break;
            case Opcode.RefTest:
            case Opcode.RefTestNull:
                CheckCastOperand(instruction.Type);
                Push(OperandType.I32);
                break;
            case Opcode.RefCast:
            case Opcode.RefCastNull:
                CheckCastOperand(instruction.Type);
                Push(OperandType.From(instruction.Type));
                break;
            case Opcode.BrOnCast:
            case Opcode.BrOnCastFail:
                BranchOnCast(in instruction, instruction.Opcode == Opcode.BrOnCast);
                break;
            case Opcode.AnyConvertExtern:
                Convert(HeapType.Extern, HeapType.Any);
                break;
            case Opcode.ExternConvertAny:
                Convert(HeapType.Any, HeapType.Extern);
                break;
            default:
                CheckArray(in instruction);
                break;
        }
    }

    private void CheckArray(in Instruction instruction)
    {
        int type = instruction.Index;
        if (instruction.Opcode == Opcode.ArrayLen)
        {
            Pop(OperandType.Reference(true, HeapType.Array));
            Push(OperandType.I32);
            return;
        }

        FieldType element = ArrayAt(type).Element;
        OperandType operand = OperandType.From(element.Type);
        OperandType nullable = OperandType.Reference(true, type);
        OperandType made = OperandType.Reference(false, type);
        switch (instruction.Opcode)
        {
            case Opcode.ArrayNew:
                PopAll([operand, OperandType.I32]);
                Push(made);
                break;
            case Opcode.ArrayNewDefault:
                CheckDefaultable(element);
                Pop(OperandType.I32);
                Push(made);
                break;
            case Opcode.ArrayNewFixed:
                ArrayNewFixed(operand, instruction.Index2);
                Push(made);
                break;
            case Opcode.ArrayNewData:
                CheckData(instruction.Index2);
                CheckNumeric(element);
                PopAll([OperandType.I32, OperandType.I32]);
                Push(made);
                break;
            case Opcode.ArrayNewElem:
                CheckElements(OperandType.From(CheckElement(instruction.Index2).Type), operand);
                PopAll([OperandType.I32, OperandType.I32]);
                Push(made);
                break;
            case Opcode.ArrayGet:
            case Opcode.ArrayGetS:
            case Opcode.ArrayGetU:
                CheckPacking(element, instruction.Opcode != Opcode.ArrayGet);
                PopAll([nullable, OperandType.I32]);
                Push(operand);
                break;
            case Opcode.ArraySet:
                CheckMutable(element, "array");
                PopAll([nullable, OperandType.I32, operand]);
                break;
            case Opcode.ArrayFill:
                CheckMutable(element, "array");
                PopAll([nullable, OperandType.I32, operand, OperandType.I32]);
                break;
            case Opcode.ArrayCopy:
                ArrayCopy(in instruction, element);
                break;
            case Opcode.ArrayInitData:
                CheckMutable(element, "array");
                CheckData(instruction.Index2);
                CheckNumeric(element);
                PopAll([nullable, OperandType.I32, OperandType.I32, OperandType.I32]);
                break;
            case Opcode.ArrayInitElem:
                CheckMutable(element, "array");
                CheckElements(OperandType.From(CheckElement(instruction.Index2).Type), operand);
                PopAll([nullable, OperandType.I32, OperandType.I32, OperandType.I32]);
                break;
            default:
                throw new InvalidOperationException($"no rule for {instruction.Opcode.Text()}");
        }
    }

    private void StructNew(int type)
    {
        FieldType[] fields = StructAt(type).Fields;
        for (int i = fields.Length - 1; i >= 0; i--)
        {
            Pop(OperandType.From(fields[i].Type));
        }

        Push(OperandType.Reference(false, type));
    }

    private void ArrayNewFixed(OperandType operand, int count)
    {
        if ((uint)count > MaxFixedElements)
        {
            Invalid.LimitExceeded("elements in array.new_fixed", MaxFixedElements, _offset);
        }

        for (int i = 0; i < count; i++)
        {
            Pop(operand);
        }
    }

    private void ArrayCopy(in Instruction instruction, FieldType to)
    {
        FieldType from = ArrayAt(instruction.Index2).Element;
        CheckMutable(to, "array");
        if (from.Packing != to.Packing || !_context.IsSubtype(OperandType.From(from.Type), OperandType.From(to.Type)))
        {
            Invalid.Because($"array types do not match: {instruction.Index} and {instruction.Index2}", _offset);
        }

        PopAll(
        [
            OperandType.Reference(true, instruction.Index), OperandType.I32,
            OperandType.Reference(true, instruction.Index2), OperandType.I32, OperandType.I32,
        ]);
    }

    // A cast stays in one hierarchy: its operand may be anything below the hierarchy's top.
    private void CheckCastOperand(ValType target)
    {
        CheckType(target);
        Pop(OperandType.Reference(true, _context.TopOf(target.Heap.Code)));
    }

    // br_on_cast branches with the target type and falls through with what is left of the source type; br_on_cast_fail the other way.
    private void BranchOnCast(in Instruction instruction, bool onSuccess)
    {
        CheckType(instruction.Type);
        CheckType(instruction.Type2);
        OperandType source = OperandType.From(instruction.Type);
        OperandType target = OperandType.From(instruction.Type2);
        if (!_context.IsSubtype(target, source))
        {
            Invalid.TypeMismatch($"cast from {source} to {target}, which is not below it", _offset);
        }

        OperandType rest = target.IsNullable ? source.AsNonNull : source;
        ReadOnlySpan<OperandType> label = LabelOf(ref FrameAt(instruction.Index));
        OperandType branching = onSuccess ? target : rest;
        if (label.Length == 0 || !_context.IsSubtype(branching, label[^1]))
        {
            Invalid.TypeMismatch($"label must take {branching} last, but takes {Invalid.Text(label)}", _offset);
        }

        Pop(source);
        Retype(label[..^1]);
        Push(onSuccess ? rest : target);
    }

    private void Convert(HeapType from, HeapType to)
    {
        OperandType operand = PopReference();
        if (!_context.IsSubtype(operand, OperandType.Reference(true, from)))
        {
            Invalid.TypeMismatch([OperandType.Reference(true, from)], [operand], _offset);
        }

        Push(operand.IsBottom
            ? OperandType.Reference(false, OperandType.BottomHeap)
            : OperandType.Reference(operand.IsNullable, to));
    }

    private StructType StructAt(int type)
    {
        if ((uint)type >= (uint)_module.Types.Length)
        {
            Invalid.Unknown("type", type, _offset);
        }

        if (_module.Types[type].Composite is not StructType structure)
        {
            Invalid.TypeMismatch($"type {type} is not a structure type", _offset);
            return null;
        }

        return structure;
    }

    private ArrayType ArrayAt(int type)
    {
        if ((uint)type >= (uint)_module.Types.Length)
        {
            Invalid.Unknown("type", type, _offset);
        }

        if (_module.Types[type].Composite is not ArrayType array)
        {
            Invalid.TypeMismatch($"type {type} is not an array type", _offset);
            return null;
        }

        return array;
    }

    private FieldType FieldAt(int type, int field)
    {
        FieldType[] fields = StructAt(type).Fields;
        if ((uint)field >= (uint)fields.Length)
        {
            Invalid.Unknown("field", field, _offset);
        }

        return fields[field];
    }

    private void CheckMutable(FieldType field, string what)
    {
        if (!field.IsMutable)
        {
            Invalid.Because($"immutable {what}", _offset);
        }
    }

    private void CheckPacking(FieldType field, bool extends)
    {
        if (field.Packing != FieldPacking.None != extends)
        {
            Invalid.TypeMismatch(extends ? "field is not packed" : "field is packed: sign or zero extension is needed", _offset);
        }
    }

    private void CheckDefaultable(FieldType field)
    {
        if (!field.Type.IsDefaultable)
        {
            Invalid.TypeMismatch($"field type {OperandType.From(field.Type)} is not defaultable", _offset);
        }
    }

    private void CheckNumeric(FieldType field)
    {
        if (field.Type.IsReference)
        {
            Invalid.Because("array type is not numeric or vector", _offset);
        }
    }
}
