using System.Runtime.CompilerServices;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// The specification's algorithm: a stack of operand types and a stack of control frames.
// https://webassembly.github.io/spec/core/appendix/algorithm.html
//
//   _stack    [ operands of the function | of the first block | ... | of the innermost block ]
//                                                               ^ _floor                     ^ _height
//   _frames   [ function | first block | ... | innermost block ]
//                                                              ^ _depth
//
// 1. _floor and _unreachable belong to the innermost frame and are kept in fields; the frame has them while an inner one is open.
// 2. After an unconditional branch the operands above _floor are gone and any number of unknown ones (the bottom type) are below.
// 3. Nothing is allocated per instruction: all arrays belong to the validator, which checks many functions one after the other.

/// <summary>Validates function bodies and constant expressions, one at a time.</summary>
internal sealed partial class FunctionValidator
{
    private const int MaxOperands = 1_000_000;

    private readonly ModuleContext _context;
    private readonly WasmModule _module;
    private readonly InstructionReader.OperandLists _lists = new();
    private OperandType[] _stack = new OperandType[256];
    private int _height;
    private int _floor;
    private int _maxHeight;
    private bool _unreachable;
    private int _offset;
    private bool _isLeaf;

    public FunctionValidator(ModuleContext context)
    {
        _context = context;
        _module = context.Module;
    }

    /// <summary>Validates a body.</summary>
    /// <param name="index">Its index among <see cref="WasmModule.Bodies"/>.</param>
    /// <exception cref="InvalidModuleException">It is invalid.</exception>
    /// <exception cref="MalformedModuleException">It is malformed.</exception>
    public FunctionFacts Validate(int index)
    {
        FunctionBody body = _module.Bodies[index];
        int type = _module.Functions[_module.ImportedFunctionCount + index].Index;
        Reset(body.Offset);
        OpenLocals(_context.Parameters(type), body);
        OpenLoops(body.Length);
        PushFrame(ControlKind.Function, type, OperandType.Bottom);

        var reader = new InstructionReader(_module.Bytes.Span, body.Offset, body.Length, _lists);
        Instruction instruction = default;
        int count = 0;
        while (_depth > 0)
        {
            reader.Read(ref instruction);
            _offset = instruction.Offset;
            count++;
            Check(ref instruction, ref reader);
        }

        if (!reader.AtEnd)
        {
            Malformed.SectionSize(reader.Offset);
        }

        return CloseLoops(new FunctionTotals(_maxHeight, _maxDepth, _localCount, _isLeaf, count));
    }

    private void Reset(int offset)
    {
        _height = 0;
        _floor = 0;
        _maxHeight = 0;
        _unreachable = false;
        _offset = offset;
        _isLeaf = true;
        _depth = 0;
        _maxDepth = 0;
        _branchTables = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(ref Instruction instruction, ref InstructionReader reader)
    {
        Opcode opcode = instruction.Opcode;
        OpcodeSignature signature = opcode.Signature();
        if (signature.Varies)
        {
            CheckVarying(ref instruction, ref reader);
        }
        else if (opcode.Immediates() == ImmediateKind.None)
        {
            ApplyNumeric(signature.Bits);
        }
        else
        {
            CheckWithImmediates(ref instruction, signature);
        }
    }

    // Numbers only: pops from the top, so the last operand first. See OpcodeSignature for the bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ApplyNumeric(int bits)
    {
        int first = bits & 0xf;
        int second = (bits >> 4) & 0xf;
        int result = bits >> 12;

        // One or two operands that are there and have the wanted types: nearly every instruction.
        if (second != 0)
        {
            int top = _height - 1;
            if (top > _floor && (bits & 0xf00) == 0 && _stack[top].Bits == second && _stack[top - 1].Bits == first)
            {
                _height = top - 1;
                PushNumber(result);
                return;
            }
        }
        else if (first != 0)
        {
            int top = _height - 1;
            if (top >= _floor && _stack[top].Bits == first)
            {
                _height = top;
                PushNumber(result);
                return;
            }
        }

        Apply(bits, OperandType.I32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PushNumber(int kind)
    {
        if (kind != 0)
        {
            Push(new OperandType(kind));
        }
    }

    private void Apply(int bits, OperandType address)
    {
        int count = (bits & 0xf00) != 0 ? 3 : (bits & 0xf0) != 0 ? 2 : (bits & 0xf) != 0 ? 1 : 0;
        Span<OperandType> wanted = stackalloc OperandType[3];
        for (int i = 0; i < count; i++)
        {
            wanted[i] = TypeOf((bits >> (4 * i)) & 0xf, address);
        }

        PopAll(wanted[..count]);
        int result = bits >> 12;
        if (result != 0)
        {
            Push(TypeOf(result, address));
        }
    }

    private static OperandType TypeOf(int kind, OperandType address) =>
        kind == OpcodeSignature.AddressKind ? address : new OperandType(kind);

    private void CheckWithImmediates(ref Instruction instruction, OpcodeSignature signature)
    {
        OperandType address = OperandType.I32;
        switch (instruction.Opcode.Immediates())
        {
            case ImmediateKind.Memarg:
                address = CheckMemarg(in instruction);
                break;
            case ImmediateKind.MemargLane:
                address = CheckMemarg(in instruction);
                CheckLane(in instruction);
                break;
            case ImmediateKind.Lane:
                CheckLane(in instruction);
                break;
            case ImmediateKind.Lanes:
                CheckShuffle(in instruction);
                break;
            case ImmediateKind.Memory:
                address = AddressOf(instruction.Memory);
                break;
            case ImmediateKind.DataMemory:
                address = AddressOf(instruction.Memory);
                CheckData(instruction.Index);
                break;
            case ImmediateKind.Data:
                CheckData(instruction.Index);
                break;
            case ImmediateKind.Elem:
                CheckElement(instruction.Index);
                break;
            default:
                break;   // constants, and the fence's zero
        }

        Apply(signature.Bits, address);
    }

    private void CheckVarying(ref Instruction instruction, ref InstructionReader reader)
    {
        switch (instruction.Opcode.Feature())
        {
            case WasmFeature.GarbageCollection:
                CheckHeap(in instruction);
                break;
            case WasmFeature.Exceptions:
                CheckException(ref instruction, ref reader);
                break;
            default:
                CheckStructured(ref instruction, ref reader);
                break;
        }
    }

    private void CheckStructured(ref Instruction instruction, ref InstructionReader reader)
    {
        switch (instruction.Opcode)
        {
            case Opcode.LocalGet:
                LocalGet(instruction.Index);
                break;
            case Opcode.LocalSet:
                LocalSet(instruction.Index);
                break;
            case Opcode.LocalTee:
                LocalTee(instruction.Index);
                break;
            case Opcode.GlobalGet:
                Push(GlobalAt(instruction.Index, out _));
                break;
            case Opcode.GlobalSet:
                GlobalSet(instruction.Index);
                break;
            case Opcode.End:
                End();
                break;
            case Opcode.Block:
                Open(ControlKind.Block, in instruction.Block);
                break;
            case Opcode.Loop:
                Open(ControlKind.Loop, in instruction.Block);
                break;
            case Opcode.If:
                CheckBlockType(in instruction.Block);
                Pop(OperandType.I32);
                Open(ControlKind.If, in instruction.Block);
                break;
            case Opcode.Else:
                Else();
                break;
            case Opcode.Br:
                Branch(instruction.Index);
                break;
            case Opcode.BrIf:
                BranchIf(instruction.Index);
                break;
            case Opcode.BrTable:
                BranchTable(reader.Labels);
                break;
            case Opcode.Return:
                Branch(_depth - 1);
                break;
            case Opcode.Unreachable:
                SetUnreachable();
                break;
            case Opcode.Call:
                Call(TypeOfFunction(instruction.Index));
                break;
            case Opcode.ReturnCall:
                ReturnCall(TypeOfFunction(instruction.Index));
                break;
            case Opcode.CallIndirect:
                CheckIndirect(in instruction);
                Call(instruction.Index);
                break;
            case Opcode.ReturnCallIndirect:
                CheckIndirect(in instruction);
                ReturnCall(instruction.Index);
                break;
            case Opcode.Drop:
                PopAny();
                break;
            case Opcode.Select:
                Select();
                break;
            case Opcode.SelectT:
                SelectTyped(reader.SelectTypes);
                break;
            default:
                CheckTablesAndReferences(in instruction);
                break;
        }
    }
}
