using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Compiler.X64;

// One instruction at a time: integers, memory, comparisons.
internal sealed partial class X64Emitter
{
    private MachineRegister Register(in MachineInst inst, int operand) =>
        _allocation.Locations[inst.OperandStart + operand].Register;

    private MachineRegister Last(in MachineInst inst) => Register(inst, inst.OperandCount - 1);

    private X64Address AddressOf(in MachineInst inst)
    {
        MachineRegister @base = inst.BaseOperand == MachineInst.ContextBase ? R15 : Register(inst, inst.BaseOperand);
        MachineRegister? index = inst.IndexOperand == MachineInst.NoOperand ? null : Register(inst, inst.IndexOperand);
        return new X64Address(@base, index, inst.Scale, inst.Displacement);
    }

    private void EmitInst(ref MachineInst inst)
    {
        switch ((X64Op)inst.Op)
        {
            case X64Op.Arguments:
                break;
            case X64Op.LoadIncoming:
                LoadStack(inst, Rbp);
                break;
            case X64Op.LoadOutgoing:
                LoadStack(inst, Rsp);
                break;
            case X64Op.StoreOutgoing:
                StoreStack(inst, Rsp);
                break;
            case X64Op.StoreResult:
                StoreStack(inst, Rbp);
                break;
            case X64Op.AdjustStack:
                AluImmediate(8, AluKind.Add, Rsp, (int)inst.Immediate);
                break;
            case X64Op.LoadImmediate or X64Op.LoadZeroFloat or X64Op.LoadConstant or X64Op.LoadOnes or X64Op.ContextAddress
                or X64Op.LoadReadOnly:
                // No place: all its users make it again.
                if (_allocation.Locations[inst.OperandStart] != Location.None)
                {
                    EmitConstantTo(inst, Register(inst, 0));
                }

                break;
            case X64Op.Alu:
                Alu(inst);
                break;
            case X64Op.AluImmediate:
                AluImmediate(inst);
                break;
            case X64Op.Multiply:
                RegOperand(inst.Size, 0, X64Opcode.Imul, inst);
                break;
            case X64Op.MultiplyHigh:
                _asm.RegReg(8, 0, 0xF7, inst.Condition != 0 ? 5 : 4, (int)Register(inst, 1));
                break;
            case X64Op.AluStore:
                MarkFault(inst);
                _asm.RegMem(inst.Size, 0, (inst.Condition << 3) | (inst.Size == 1 ? 0 : 1), (int)Register(inst, 0), AddressOf(inst));
                break;
            case X64Op.AluStoreImmediate:
                MemoryImmediate(inst, (AluKind)inst.Condition);
                break;
            case X64Op.Lea:
                Lea(inst);
                break;
            case X64Op.Move:
                if (Last(inst) != Register(inst, 0))
                {
                    MoveReg(8, Last(inst), Register(inst, 0));
                }

                break;
            case X64Op.MultiplyImmediate:
                if (inst.Immediate is >= -128 and <= 127)
                {
                    _asm.RegReg(inst.Size, 0, X64Opcode.ImulImmediate8, (int)Last(inst), (int)Register(inst, 0));
                    _asm.Byte((int)inst.Immediate);
                }
                else
                {
                    _asm.RegReg(inst.Size, 0, X64Opcode.ImulImmediate32, (int)Last(inst), (int)Register(inst, 0));
                    _asm.Int32((int)inst.Immediate);
                }

                break;
            case X64Op.Divide:
                Divide(inst);
                break;
            case X64Op.Shift:
                _asm.RegReg(inst.Size, 0, X64Opcode.ShiftByCl, inst.Condition, (int)Register(inst, 0));
                break;
            case X64Op.ShiftImmediate:
                _asm.RegReg(inst.Size, 0, X64Opcode.ShiftImmediate, inst.Condition, (int)Register(inst, 0));
                _asm.Byte((int)inst.Immediate);
                break;
            case X64Op.ShiftAny:
                _asm.VexRegReg(
                    inst.Size, ShiftPrefix((ShiftKind)inst.Condition), 2, 0xF7, (int)Last(inst), (int)Register(inst, 1),
                    (int)Register(inst, 0));
                break;
            case X64Op.RotateAny:
                Rotate(inst);
                break;
            case X64Op.Unary:
                Unary(inst);
                break;
            case X64Op.CompareSet or X64Op.CompareSetImmediate:
                Compare(inst, (X64Op)inst.Op == X64Op.CompareSetImmediate);
                SetCondition(ConditionOf(inst), Last(inst));
                break;
            case X64Op.CompareTrap or X64Op.CompareTrapImmediate:
                Compare(inst, (X64Op)inst.Op == X64Op.CompareTrapImmediate);
                TrapWhen(ConditionOf(inst), inst);
                break;
            case X64Op.CompareBranch or X64Op.CompareBranchImmediate:
                Compare(inst, (X64Op)inst.Op == X64Op.CompareBranchImmediate);
                Branch(ConditionOf(inst));
                break;
            case X64Op.CompareSelect or X64Op.CompareSelectImmediate:
                {
                    bool isImmediate = (X64Op)inst.Op == X64Op.CompareSelectImmediate;
                    Compare(inst, isImmediate);
                    _asm.RegReg(8, 0, X64Opcode.Cmov | (int)ConditionOf(inst), (int)Last(inst), (int)Register(inst, inst.OperandCount - 3));
                    break;
                }

            case X64Op.CompareSelectFloat or X64Op.CompareSelectFloatImmediate:
                {
                    bool isImmediate = (X64Op)inst.Op == X64Op.CompareSelectFloatImmediate;
                    Compare(inst, isImmediate);
                    int over = Jcc((X64Condition)((int)ConditionOf(inst) ^ 1));
                    _asm.RegReg(4, 0, X64Opcode.MovVector, (int)Last(inst), (int)Register(inst, inst.OperandCount - 3));
                    PatchHere(over);
                    break;
                }

            case X64Op.Load:
                EmitLoad(inst);
                break;
            case X64Op.Store:
                MarkFault(inst);
                _asm.RegMem(inst.Size, inst.Size == 2 ? 0x66 : 0, inst.Size == 1 ? X64Opcode.MovStore8 : X64Opcode.MovStore, (int)Register(inst, 0), AddressOf(inst));
                break;
            case X64Op.StoreImmediate:
                MarkFault(inst);
                _asm.RegMem(inst.Size == 1 ? 4 : inst.Size, inst.Size == 2 ? 0x66 : 0, inst.Size == 1 ? X64Opcode.MovImmediate8 : X64Opcode.MovImmediate, 0, AddressOf(inst));
                StoreImmediateBytes(inst);
                break;
            case X64Op.Jump:
                JmpBlock(Target(0));
                break;
            case X64Op.JumpTable:
                JumpTable(inst);
                break;
            case X64Op.Trap:
                TrapHere(inst.TrapCode, inst.SourceOffset);
                break;
            case X64Op.StackCheck:
                StackCheck(0, inst.SourceOffset);
                break;
            case X64Op.Fence:
                _asm.Byte(0x0F);
                _asm.Byte(0xAE);
                _asm.Byte(0xF0);
                break;
            case X64Op.Return:
                Epilogue();
                Return((int)inst.Immediate);
                break;
            default:
                if (X64VectorOps.IsVectorOp(inst.Op))
                {
                    EmitVector(inst);
                }
                else if (!EmitCall(inst))
                {
                    EmitFloat(inst);
                }

                break;
        }
    }

    private Location PlaceOf(in MachineInst inst, int operand) => _allocation.Locations[inst.OperandStart + operand];

    /// <summary>Opcode with a register and an operand that is in a register or in a slot.</summary>
    private void RegPlace(int size, int prefix, int opcode, MachineRegister register, Location place)
    {
        if (place.IsRegister)
        {
            _asm.RegReg(size, prefix, opcode, (int)register, (int)place.Register);
        }
        else
        {
            _asm.RegMem(size, prefix, opcode, (int)register, Slot(place));
        }
    }

    // An addition whose result is not in the place of an operand is a lea, which leaves both alone.
    private void Alu(in MachineInst inst)
    {
        if (ReadsMemory(inst))
        {
            RegOperand(inst.Size, 0, (inst.Condition << 3) | 3, inst);
            return;
        }

        MachineRegister left = Register(inst, 0);
        MachineRegister result = Last(inst);
        Location right = PlaceOf(inst, 1);
        var kind = (AluKind)inst.Condition;
        if (left != result && right == Location.Of(result))
        {
            (left, right) = (result, Location.Of(left));
        }

        if (left != result && right.IsRegister)
        {
            _asm.RegMem(inst.Size, 0, X64Opcode.Lea, (int)result, new X64Address(left, right.Register, 0, 0));
            return;
        }

        if (left != result)
        {
            MoveReg(inst.Size, result, left);
        }

        RegPlace(inst.Size, 0, ((int)kind << 3) | 3, result, right);
        NoteFlags(inst, result);
    }

    private void AluImmediate(in MachineInst inst)
    {
        MachineRegister left = Register(inst, 0);
        MachineRegister result = Last(inst);
        if (left == result)
        {
            AluImmediate(inst.Size, (AluKind)inst.Condition, left, (int)inst.Immediate);
            NoteFlags(inst, result);
        }
        else
        {
            _asm.RegMem(inst.Size, 0, X64Opcode.Lea, (int)result, X64Address.At(left, (int)inst.Immediate));
        }
    }

    private void LoadStack(in MachineInst inst, MachineRegister pointer)
    {
        X64Address address = X64Address.At(pointer, inst.Displacement);
        MachineRegister register = Last(inst);
        if (register < Xmm0)
        {
            _asm.RegMem(inst.Size, 0, X64Opcode.MovLoad, (int)register, address);
        }
        else
        {
            Load(register, address, inst.Size == 16 ? RegisterClass.Vector : RegisterClass.Float);
        }
    }

    private void StoreStack(in MachineInst inst, MachineRegister pointer)
    {
        MachineRegister register = Register(inst, 0);
        RegisterClass registerClass = register < Xmm0 ? RegisterClass.Integer : inst.Size == 16 ? RegisterClass.Vector : RegisterClass.Float;
        Store(register, X64Address.At(pointer, inst.Displacement), registerClass);
    }

    private void MarkFault(in MachineInst inst)
    {
        if (inst.TrapCode != 0)
        {
            _traps.Add(new Emission.TrapSite(_asm.Position, inst.TrapCode, inst.SourceOffset));
        }
    }

    private void EmitLoad(in MachineInst inst)
    {
        MarkFault(inst);
        (int size, int opcode) = (MemoryAccess)inst.Immediate switch
        {
            MemoryAccess.U8 => (4, X64Opcode.MovZeroExtend8),
            MemoryAccess.S8 => ((int)inst.Size, X64Opcode.MovSignExtend8),
            MemoryAccess.U16 => (4, X64Opcode.MovZeroExtend16),
            MemoryAccess.S16 => (inst.Size, X64Opcode.MovSignExtend16),
            MemoryAccess.U32 => (4, X64Opcode.MovLoad),
            MemoryAccess.S32 => (8, X64Opcode.MovSignExtend32),
            _ => (inst.Size, X64Opcode.MovLoad),
        };
        _asm.RegMem(size, 0, opcode, (int)Last(inst), AddressOf(inst));
    }

    private void StoreImmediateBytes(in MachineInst inst)
    {
        switch (inst.Size)
        {
            case 1:
                _asm.Byte((int)inst.Immediate);
                break;
            case 2:
                _asm.Byte((int)inst.Immediate);
                _asm.Byte((int)inst.Immediate >> 8);
                break;
            default:
                _asm.Int32((int)inst.Immediate);
                break;
        }
    }

    private static X64Condition ConditionOf(in MachineInst inst) => (X64Condition)(inst.Condition & ~X64Selector.TestFlag);

    private static int ShiftPrefix(ShiftKind kind) => kind switch
    {
        ShiftKind.ShiftLeft => 0x66,
        ShiftKind.ShiftRight => 0xF2,
        _ => 0xF3,
    };

    private void Rotate(in MachineInst inst)
    {
        Location input = PlaceOf(inst, 0);
        MachineRegister result = Last(inst);
        if (input.IsSlot)
        {
            _asm.VexRegMem(inst.Size, 0xF2, 3, 0xF0, (int)result, 0, Slot(input));
        }
        else if (input.Register == result)
        {
            _asm.RegReg(inst.Size, 0, X64Opcode.ShiftImmediate, (int)ShiftKind.RotateRight, (int)result);
        }
        else
        {
            _asm.VexRegReg(inst.Size, 0xF2, 3, 0xF0, (int)result, 0, (int)input.Register);
        }

        _asm.Byte((int)inst.Immediate);
    }

    private static bool ReadsMemory(in MachineInst inst) => inst.BaseOperand != MachineInst.NoOperand;

    // An opcode whose register is the first operand, and whose register, slot or memory the second.
    private void RegOperand(int size, int prefix, int opcode, in MachineInst inst)
    {
        if (ReadsMemory(inst))
        {
            MarkFault(inst);
            _asm.RegMem(size, prefix, opcode, (int)Register(inst, 0), AddressOf(inst));
        }
        else
        {
            RegPlace(size, prefix, opcode, Register(inst, 0), PlaceOf(inst, 1));
        }
    }

    private void MemoryImmediate(in MachineInst inst, AluKind kind)
    {
        MarkFault(inst);
        bool isByte = inst.Immediate is >= -128 and <= 127;
        int opcode = inst.Size == 1 ? 0x80 : isByte ? X64Opcode.AluImmediate8 : X64Opcode.AluImmediate32;
        _asm.RegMem(inst.Size == 8 ? 8 : 4, 0, opcode, (int)kind, AddressOf(inst));
        ImmediateBytes(inst, inst.Size == 1 || isByte);
    }

    private void ImmediateBytes(in MachineInst inst, bool isByte)
    {
        if (isByte)
        {
            _asm.Byte((int)inst.Immediate);
        }
        else
        {
            _asm.Int32((int)inst.Immediate);
        }
    }

    private void Lea(in MachineInst inst)
    {
        X64Address address = AddressOf(inst);
        MachineRegister result = Last(inst);
        bool startsFromResult = address.Base == result;
        if (address.Index is null && (startsFromResult || address.Displacement == 0))
        {
            if (!startsFromResult)
            {
                MoveReg(inst.Size, result, address.Base!.Value);
            }
            else
            {
                AluImmediate(inst.Size, AluKind.Add, result, address.Displacement);
            }
        }
        else if (address.Index is { } index && address.Displacement == 0 && address.Scale == 0 && (startsFromResult || index == result))
        {
            AluReg(inst.Size, AluKind.Add, result, startsFromResult ? index : address.Base!.Value);
        }
        else
        {
            _asm.RegMem(inst.Size, 0, X64Opcode.Lea, (int)result, address);
        }
    }
}
