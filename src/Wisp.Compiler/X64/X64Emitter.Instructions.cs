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
            case X64Op.LoadImmediate or X64Op.LoadZeroFloat or X64Op.LoadConstant:
                // No place: all its users make it again.
                if (_allocation.Locations[inst.OperandStart] != Location.None)
                {
                    EmitConstantTo(inst, Register(inst, 0));
                }

                break;
            case X64Op.ContextAddress:
                _asm.RegMem(8, 0, 0x8D, (int)Last(inst), X64Address.At(R15, inst.Displacement));
                break;
            case X64Op.Alu:
                Alu(inst);
                break;
            case X64Op.AluImmediate:
                AluImmediate(inst);
                break;
            case X64Op.Multiply:
                RegOperand(inst.Size, 0, 0x0FAF, inst);
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
                    _asm.RegReg(inst.Size, 0, 0x6B, (int)Last(inst), (int)Register(inst, 0));
                    _asm.Byte((int)inst.Immediate);
                }
                else
                {
                    _asm.RegReg(inst.Size, 0, 0x69, (int)Last(inst), (int)Register(inst, 0));
                    _asm.Int32((int)inst.Immediate);
                }

                break;
            case X64Op.Divide:
                Divide(inst);
                break;
            case X64Op.Shift:
                _asm.RegReg(inst.Size, 0, 0xD3, inst.Condition, (int)Register(inst, 0));
                break;
            case X64Op.ShiftImmediate:
                _asm.RegReg(inst.Size, 0, 0xC1, inst.Condition, (int)Register(inst, 0));
                _asm.Byte((int)inst.Immediate);
                break;
            case X64Op.ShiftAny:
                _asm.VexRegReg(
                    inst.Size, ShiftPrefix((ShiftKind)inst.Condition), 2, 0xF7, (int)Last(inst), (int)Register(inst, 1),
                    (int)Register(inst, 0));
                break;
            case X64Op.RotateAny:
                _asm.VexRegReg(inst.Size, 0xF2, 3, 0xF0, (int)Last(inst), 0, (int)Register(inst, 0));
                _asm.Byte((int)inst.Immediate);
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
                    _asm.RegReg(8, 0, 0x0F40 | (int)ConditionOf(inst), (int)Last(inst), (int)Register(inst, inst.OperandCount - 3));
                    break;
                }

            case X64Op.CompareSelectFloat or X64Op.CompareSelectFloatImmediate:
                {
                    bool isImmediate = (X64Op)inst.Op == X64Op.CompareSelectFloatImmediate;
                    Compare(inst, isImmediate);
                    int over = Jcc((X64Condition)((int)ConditionOf(inst) ^ 1));
                    _asm.RegReg(4, 0, 0x0F28, (int)Last(inst), (int)Register(inst, inst.OperandCount - 3));
                    PatchHere(over);
                    break;
                }

            case X64Op.Load:
                EmitLoad(inst);
                break;
            case X64Op.Store:
                MarkFault(inst);
                _asm.RegMem(inst.Size, inst.Size == 2 ? 0x66 : 0, inst.Size == 1 ? 0x88 : 0x89, (int)Register(inst, 0), AddressOf(inst));
                break;
            case X64Op.StoreImmediate:
                MarkFault(inst);
                _asm.RegMem(inst.Size == 1 ? 4 : inst.Size, inst.Size == 2 ? 0x66 : 0, inst.Size == 1 ? 0xC6 : 0xC7, 0, AddressOf(inst));
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
                _asm.RegMem(8, 0, 0x3B, (int)Rsp, X64Address.At(R15, VmLayout.StackLimit));
                _coldCalls.Add(new ColdCall(Jcc(X64Condition.Below), _asm.Position, inst.SourceOffset));
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
                if (!EmitCall(inst))
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
            _asm.RegMem(inst.Size, 0, 0x8D, (int)result, new X64Address(left, right.Register, 0, 0));
            return;
        }

        if (left != result)
        {
            MoveReg(inst.Size, result, left);
        }

        RegPlace(inst.Size, 0, ((int)kind << 3) | 3, result, right);
    }

    private void AluImmediate(in MachineInst inst)
    {
        MachineRegister left = Register(inst, 0);
        MachineRegister result = Last(inst);
        if (left == result)
        {
            AluImmediate(inst.Size, (AluKind)inst.Condition, left, (int)inst.Immediate);
        }
        else
        {
            _asm.RegMem(inst.Size, 0, 0x8D, (int)result, X64Address.At(left, (int)inst.Immediate));
        }
    }

    private void LoadStack(in MachineInst inst, MachineRegister pointer)
    {
        X64Address address = X64Address.At(pointer, inst.Displacement);
        MachineRegister register = Last(inst);
        if (register < Xmm0)
        {
            _asm.RegMem(inst.Size, 0, 0x8B, (int)register, address);
        }
        else
        {
            _asm.RegMem(4, 0xF2, 0x0F10, (int)register, address);
        }
    }

    private void StoreStack(in MachineInst inst, MachineRegister pointer)
    {
        MachineRegister register = Register(inst, 0);
        Store(register, X64Address.At(pointer, inst.Displacement), register < Xmm0 ? RegisterClass.Integer : RegisterClass.Float);
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
            MemoryAccess.U8 => (4, 0x0FB6),
            MemoryAccess.S8 => ((int)inst.Size, 0x0FBE),
            MemoryAccess.U16 => (4, 0x0FB7),
            MemoryAccess.S16 => (inst.Size, 0x0FBF),
            MemoryAccess.U32 => (4, 0x8B),
            MemoryAccess.S32 => (8, 0x63),
            _ => (inst.Size, 0x8B),
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
        int opcode = inst.Size == 1 ? 0x80 : isByte ? 0x83 : 0x81;
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
            _asm.RegMem(inst.Size, 0, 0x8D, (int)result, address);
        }
    }

    private void Compare(in MachineInst inst, bool isImmediate)
    {
        bool isTest = (inst.Condition & X64Selector.TestFlag) != 0;
        if (ReadsMemory(inst))
        {
            CompareMemory(inst, isImmediate, isTest);
        }
        else if (!isImmediate)
        {
            RegOperand(inst.Size, 0, isTest ? 0x85 : 0x3B, inst);
        }
        else
        {
            CompareImmediate(inst, PlaceOf(inst, 0), isTest);
        }
    }

    private void CompareImmediate(in MachineInst inst, Location left, bool isTest)
    {
        if (isTest)
        {
            // Only zero or not is asked, so the bytes above the mask need no look.
            bool isLow = inst.Immediate is >= 0 and <= 255;
            int size = inst.Immediate >= 0 ? 4 : inst.Size;
            if (left.IsSlot)
            {
                _asm.RegMem(size, 0, isLow ? 0xF6 : 0xF7, 0, Slot(left));
            }
            else
            {
                _asm.RegReg(size, 0, isLow ? 0xF6 : 0xF7, 0, left.Bits, byteRm: isLow);
            }

            ImmediateBytes(inst, isLow);
        }
        else if (left.IsSlot)
        {
            bool isByte = inst.Immediate is >= -128 and <= 127;
            _asm.RegMem(inst.Size, 0, isByte ? 0x83 : 0x81, (int)AluKind.Cmp, Slot(left));
            ImmediateBytes(inst, isByte);
        }
        else if (inst.Immediate == 0)
        {
            _asm.RegReg(inst.Size, 0, 0x85, left.Bits, left.Bits);
        }
        else
        {
            AluImmediate(inst.Size, AluKind.Cmp, left.Register, (int)inst.Immediate);
        }
    }

    private void CompareMemory(in MachineInst inst, bool isImmediate, bool isTest)
    {
        if ((X64Op)inst.Op is not (X64Op.CompareTrap or X64Op.CompareTrapImmediate))
        {
            MarkFault(inst);   // of those, the trap code belongs to the comparison, and the access cannot fault
        }

        X64Address address = AddressOf(inst);
        if (!isImmediate)
        {
            _asm.RegMem(inst.Size, 0, isTest ? 0x85 : 0x3B, (int)Register(inst, 0), address);
            return;
        }

        bool isByte = inst.Size == 1 || (!isTest && inst.Immediate is >= -128 and <= 127);
        int opcode = isTest ? inst.Size == 1 ? 0xF6 : 0xF7 : inst.Size == 1 ? 0x80 : isByte ? 0x83 : 0x81;
        _asm.RegMem(inst.Size == 8 ? 8 : 4, 0, opcode, isTest ? 0 : (int)AluKind.Cmp, address);
        ImmediateBytes(inst, isByte);
    }

    private void SetCondition(X64Condition condition, MachineRegister result)
    {
        _asm.RegReg(1, 0, 0x0F90 | (int)condition, 0, (int)result);
        _asm.RegReg(4, 0, 0x0FB6, (int)result, (int)result, byteRm: true);
    }

    private void Branch(X64Condition condition)
    {
        int whenTrue = Target(0);
        int whenFalse = Target(1);
        if (whenTrue == NextBlock())
        {
            JccBlock((X64Condition)((int)condition ^ 1), whenFalse);
        }
        else
        {
            JccBlock(condition, whenTrue);
            JmpBlock(whenFalse);
        }
    }

    private void JumpTable(in MachineInst inst)
    {
        MachineRegister index = Register(inst, 0);
        MachineRegister temp = Register(inst, 1);
        int count = (int)inst.Immediate;
        AluImmediate(4, AluKind.Cmp, index, count - 1);
        JccBlock(X64Condition.AboveOrEqual, Target(count - 1));
        if (count > 1)
        {
            int position = _asm.RegRip(8, 0, 0x8D, (int)temp);
            _tableFixups.Add((position, _function.Blocks[_block].SuccessorStart, count - 1));
            _asm.RegMem(8, 0, 0x63, (int)R11, new X64Address(temp, index, 2, 0));
            AluReg(8, AluKind.Add, R11, temp);
            _asm.RegReg(4, 0, 0xFF, 4, (int)R11);
        }
        else
        {
            // Only the default is left: the comparison with 0 took it for every index.
            TrapHere((byte)TrapCode.Unreachable, inst.SourceOffset);
        }
    }

    private void Return(int argumentBytes)
    {
        if (argumentBytes == 0)
        {
            _asm.Byte(0xC3);
        }
        else if (argumentBytes <= ushort.MaxValue)
        {
            _asm.Byte(0xC2);
            _asm.Byte(argumentBytes);
            _asm.Byte(argumentBytes >> 8);
        }
        else
        {
            Pop(R11);
            AluImmediate(8, AluKind.Add, Rsp, argumentBytes);
            _asm.RegReg(4, 0, 0xFF, 4, (int)R11);
        }
    }

    private void Divide(in MachineInst inst)
    {
        var kind = (DivideKind)inst.Condition;
        MachineRegister divisor = Register(inst, 1);
        _asm.RegReg(inst.Size, 0, 0x85, (int)divisor, (int)divisor);
        TrapWhen(X64Condition.Equal, TrapCode.IntegerDivideByZero, inst);
        if (kind is DivideKind.QuotientUnsigned or DivideKind.RemainderUnsigned)
        {
            AluReg(4, AluKind.Xor, Rdx, Rdx);
            _asm.RegReg(inst.Size, 0, 0xF7, 6, (int)divisor);
            return;
        }

        // idiv itself faults for the least number divided by -1: a trap for the quotient, zero for the remainder.
        AluImmediate(inst.Size, AluKind.Cmp, divisor, -1);
        int ordinary = Jcc(X64Condition.NotEqual);
        int done = 0;
        if (kind == DivideKind.RemainderSigned)
        {
            AluReg(4, AluKind.Xor, Rdx, Rdx);
            done = Jmp();
        }
        else
        {
            LoadImmediate(R11, inst.Size == 4 ? unchecked((uint)int.MinValue) : long.MinValue);
            AluReg(inst.Size, AluKind.Cmp, Rax, R11);
            TrapWhen(X64Condition.Equal, TrapCode.IntegerOverflow, inst);
        }

        PatchHere(ordinary);
        if (inst.Size == 8)
        {
            _asm.Byte(0x48);
        }

        _asm.Byte(0x99);
        _asm.RegReg(inst.Size, 0, 0xF7, 7, (int)divisor);
        if (kind == DivideKind.RemainderSigned)
        {
            PatchHere(done);
        }
    }

    private void Unary(in MachineInst inst)
    {
        int from = (int)Register(inst, 0);
        int to = (int)Last(inst);
        switch ((UnaryKind)inst.Condition)
        {
            case UnaryKind.LeadingZeros when _features.HasFlag(CpuFeatures.Lzcnt):
                _asm.RegReg(inst.Size, 0xF3, 0x0FBD, to, from);
                break;
            case UnaryKind.LeadingZeros:
                // bsr leaves its result undefined for zero: put 2 n - 1 there, which the xor turns into n.
                LoadImmediate(R11, (inst.Size * 16) - 1);
                _asm.RegReg(inst.Size, 0, 0x0FBD, to, from);
                _asm.RegReg(inst.Size, 0, 0x0F44, to, (int)R11);
                AluImmediate(inst.Size, AluKind.Xor, (MachineRegister)to, (inst.Size * 8) - 1);
                break;
            case UnaryKind.TrailingZeros when _features.HasFlag(CpuFeatures.Bmi1):
                _asm.RegReg(inst.Size, 0xF3, 0x0FBC, to, from);
                break;
            case UnaryKind.TrailingZeros:
                LoadImmediate(R11, inst.Size * 8);
                _asm.RegReg(inst.Size, 0, 0x0FBC, to, from);
                _asm.RegReg(inst.Size, 0, 0x0F44, to, (int)R11);
                break;
            case UnaryKind.PopulationCount:
                _asm.RegReg(inst.Size, 0xF3, 0x0FB8, to, from);
                break;
            case UnaryKind.Extend8:
                _asm.RegReg(inst.Size, 0, 0x0FBE, to, from, byteRm: true);
                break;
            case UnaryKind.Extend16:
                _asm.RegReg(inst.Size, 0, 0x0FBF, to, from);
                break;
            case UnaryKind.Extend32:
                _asm.RegReg(8, 0, 0x63, to, from);
                break;
            default:
                MoveReg(4, (MachineRegister)to, (MachineRegister)from);
                break;
        }
    }
}
