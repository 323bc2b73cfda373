using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Compiler.X64;

// Comparisons, and what follows from them: branches, jump tables, the way out.
internal sealed partial class X64Emitter
{
    // The flags of the last arithmetic, while nothing was written behind it: then a comparison of its result with zero needs no
    // test. Nothing else is asked of an addition than zero or not, since it may have overflowed.
    private (int Position, int Block, MachineRegister Register, int Size, bool IsLogical) _flags;

    private void NoteFlags(in MachineInst inst, MachineRegister result) => _flags = (
        _asm.Position, _block, result, inst.Size, (AluKind)inst.Condition is AluKind.And or AluKind.Or or AluKind.Xor);

    private bool HasFlagsOf(in MachineInst inst, MachineRegister register) =>
        _flags.Position == _asm.Position && _flags.Block == _block && _flags.Register == register && _flags.Size == inst.Size
        && (_flags.IsLogical || ConditionOf(inst) is X64Condition.Equal or X64Condition.NotEqual);

    private void Compare(in MachineInst inst, bool isImmediate)
    {
        bool isTest = (inst.Condition & X64Selector.TestFlag) != 0;
        if (ReadsMemory(inst))
        {
            CompareMemory(inst, isImmediate, isTest);
        }
        else if (!isImmediate)
        {
            RegOperand(inst.Size, 0, isTest ? X64Opcode.Test : X64Opcode.CmpLoad, inst);
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
                _asm.RegMem(size, 0, isLow ? X64Opcode.TestImmediate8 : X64Opcode.TestImmediate, 0, Slot(left));
            }
            else
            {
                _asm.RegReg(size, 0, isLow ? X64Opcode.TestImmediate8 : X64Opcode.TestImmediate, 0, left.Bits, byteRm: isLow);
            }

            ImmediateBytes(inst, isLow);
        }
        else if (left.IsSlot)
        {
            bool isByte = inst.Immediate is >= -128 and <= 127;
            _asm.RegMem(inst.Size, 0, isByte ? X64Opcode.AluImmediate8 : X64Opcode.AluImmediate32, (int)AluKind.Cmp, Slot(left));
            ImmediateBytes(inst, isByte);
        }
        else if (inst.Immediate == 0)
        {
            if (!HasFlagsOf(inst, left.Register))
            {
                _asm.RegReg(inst.Size, 0, X64Opcode.Test, left.Bits, left.Bits);
            }
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
            _asm.RegMem(inst.Size, 0, isTest ? X64Opcode.Test : X64Opcode.CmpLoad, (int)Register(inst, 0), address);
            return;
        }

        bool isByte = inst.Size == 1 || (!isTest && inst.Immediate is >= -128 and <= 127);
        int opcode = isTest ? inst.Size == 1 ? 0xF6 : 0xF7 : inst.Size == 1 ? 0x80 : isByte ? X64Opcode.AluImmediate8 : X64Opcode.AluImmediate32;
        _asm.RegMem(inst.Size == 8 ? 8 : 4, 0, opcode, isTest ? 0 : (int)AluKind.Cmp, address);
        ImmediateBytes(inst, isByte);
    }

    private void SetCondition(X64Condition condition, MachineRegister result)
    {
        _asm.RegReg(1, 0, X64Opcode.Set | (int)condition, 0, (int)result);
        _asm.RegReg(4, 0, X64Opcode.MovZeroExtend8, (int)result, (int)result, byteRm: true);
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
            int position = _asm.RegRip(8, 0, X64Opcode.Lea, (int)temp);
            _tableFixups.Add((position, _function.Blocks[_block].SuccessorStart, count - 1));
            _asm.RegMem(8, 0, X64Opcode.MovSignExtend32, (int)IntegerScratch, new X64Address(temp, index, 2, 0));
            AluReg(8, AluKind.Add, IntegerScratch, temp);
            JumpRegister(IntegerScratch);
        }
        else
        {
            // Only the default is left: the comparison with 0 took it for every index.
            TrapHere((byte)TrapCode.Unreachable, inst.SourceOffset);
        }
    }

    private void Return(int argumentBytes)
    {
        int start = _asm.Position;
        if (argumentBytes == 0)
        {
            _asm.Byte(0xC3);
            PlaceJump(start);
        }
        else if (argumentBytes <= ushort.MaxValue)
        {
            _asm.Byte(0xC2);
            _asm.Byte(argumentBytes);
            _asm.Byte(argumentBytes >> 8);
            PlaceJump(start);
        }
        else
        {
            Pop(R11);
            AluImmediate(8, AluKind.Add, Rsp, argumentBytes);
            JumpRegister(R11);
        }
    }
}
