using Wisp.Abi;
using Wisp.Compiler.Machine;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Compiler.X64;

// Divisions, and operations on one integer.
internal sealed partial class X64Emitter
{
    private void Divide(in MachineInst inst)
    {
        var kind = (DivideKind)inst.Condition;
        MachineRegister divisor = Register(inst, 1);
        _asm.RegReg(inst.Size, 0, X64Opcode.Test, (int)divisor, (int)divisor);
        TrapWhen(X64Condition.Equal, TrapCode.IntegerDivideByZero, inst);
        if (kind is DivideKind.QuotientUnsigned or DivideKind.RemainderUnsigned)
        {
            AluReg(4, AluKind.Xor, Rdx, Rdx);
            _asm.RegReg(inst.Size, 0, X64Opcode.DivideUnsigned, X64Opcode.DivideUnsignedDigit, (int)divisor);
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
            LoadImmediate(IntegerScratch, inst.Size == 4 ? unchecked((uint)int.MinValue) : long.MinValue);
            AluReg(inst.Size, AluKind.Cmp, Rax, IntegerScratch);
            TrapWhen(X64Condition.Equal, TrapCode.IntegerOverflow, inst);
        }

        PatchHere(ordinary);
        if (inst.Size == 8)
        {
            _asm.Byte(0x48);
        }

        _asm.Byte(0x99);
        _asm.RegReg(inst.Size, 0, X64Opcode.DivideSigned, X64Opcode.DivideSignedDigit, (int)divisor);
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
                _asm.RegReg(inst.Size, 0xF3, X64Opcode.LeadingZeros, to, from);
                break;
            case UnaryKind.LeadingZeros:
                // bsr leaves its result undefined for zero: put 2 n - 1 there, which the xor turns into n.
                LoadImmediate(IntegerScratch, (inst.Size * 16) - 1);
                _asm.RegReg(inst.Size, 0, X64Opcode.BitScanReverse, to, from);
                _asm.RegReg(inst.Size, 0, X64Opcode.Cmov | (int)X64Condition.Equal, to, (int)IntegerScratch);
                AluImmediate(inst.Size, AluKind.Xor, (MachineRegister)to, (inst.Size * 8) - 1);
                break;
            case UnaryKind.TrailingZeros when _features.HasFlag(CpuFeatures.Bmi1):
                _asm.RegReg(inst.Size, 0xF3, X64Opcode.TrailingZeros, to, from);
                break;
            case UnaryKind.TrailingZeros:
                LoadImmediate(IntegerScratch, inst.Size * 8);
                _asm.RegReg(inst.Size, 0, X64Opcode.BitScanForward, to, from);
                _asm.RegReg(inst.Size, 0, X64Opcode.Cmov | (int)X64Condition.Equal, to, (int)IntegerScratch);
                break;
            case UnaryKind.PopulationCount:
                _asm.RegReg(inst.Size, 0xF3, X64Opcode.PopulationCount, to, from);
                break;
            case UnaryKind.Extend8:
                _asm.RegReg(inst.Size, 0, X64Opcode.MovSignExtend8, to, from, byteRm: true);
                break;
            case UnaryKind.Extend16:
                _asm.RegReg(inst.Size, 0, X64Opcode.MovSignExtend16, to, from);
                break;
            case UnaryKind.Extend32:
                _asm.RegReg(8, 0, X64Opcode.MovSignExtend32, to, from);
                break;
            default:
                MoveReg(4, (MachineRegister)to, (MachineRegister)from);
                break;
        }
    }
}
