using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Floats and conversions.
internal sealed partial class X64Emitter
{
    private static int Prefix(int size) => size == 4 ? 0xF3 : 0xF2;

    private void EmitFloat(in MachineInst inst)
    {
        int size = inst.Size;
        switch ((X64Op)inst.Op)
        {
            case X64Op.LoadFloat:
                MarkFault(inst);
                _asm.RegMem(4, Prefix(size), X64Opcode.MovFloatLoad, (int)Last(inst), AddressOf(inst));
                break;
            case X64Op.StoreFloat:
                MarkFault(inst);
                _asm.RegMem(4, Prefix(size), X64Opcode.MovFloatStore, (int)Register(inst, 0), AddressOf(inst));
                break;
            case X64Op.FloatAlu:
                FloatAlu(inst);
                break;
            case X64Op.FloatAluConstant:
                ConstantOp(Prefix(size), inst.Condition, inst, (int)inst.Immediate);
                break;
            case X64Op.FloatMinMax:
                MinMax(inst);
                break;
            case X64Op.FloatSign:
                // andps clears the sign, xorps flips it.
                ConstantOp(0, inst.Condition == 0 ? 0x54 : 0x57, inst, (int)inst.Immediate);
                break;
            case X64Op.FloatCopySign:
                {
                    MachineRegister result = Last(inst);
                    _asm.RegReg(4, 0, X64Opcode.MovVector, (int)FloatScratch, (int)Register(inst, 1));
                    _asm.RegReg(4, 0, X64Opcode.MovVector, (int)result, (int)Register(inst, 0));
                    ConstantOp(X64Opcode.AndFloat, FloatScratch, (int)inst.Immediate);
                    ConstantOp(X64Opcode.AndFloat, result, (int)(inst.Immediate >> 32));
                    _asm.RegReg(4, 0, X64Opcode.OrFloat, (int)result, (int)FloatScratch);
                    break;
                }

            case X64Op.FloatSqrt:
                FloatUnary(Prefix(size), 1, 0x51, inst);
                break;
            case X64Op.FloatRound:
                FloatUnary(0x66, 3, size == 4 ? 0x0A : 0x0B, inst);
                _asm.Byte(inst.Condition | 8);   // bit 3: no inexact exception
                break;
            case X64Op.FloatConvert:
                FloatUnary(size == 4 ? 0xF2 : 0xF3, 1, 0x5A, inst);
                break;
            case X64Op.MoveToFloat:
                _asm.RegReg(size, 0x66, X64Opcode.MovToFloat, (int)Last(inst), (int)Register(inst, 0));
                break;
            case X64Op.MoveFromFloat:
                _asm.RegReg(size, 0x66, X64Opcode.MovFromFloat, (int)Register(inst, 0), (int)Last(inst));
                break;
            case X64Op.FloatCompareSet:
                FloatCompareSet(inst);
                break;
            case X64Op.FloatCompareBranch:
                FloatCompareBranch(inst);
                break;
            case X64Op.FloatCompareTrap:
                FloatCompareTrap(inst);
                break;
            case X64Op.VectorTestSet:
                VectorTest(inst);
                SetCondition((X64Condition)inst.Condition, Last(inst));
                break;
            case X64Op.VectorTestBranch:
                VectorTest(inst);
                Branch((X64Condition)inst.Condition);
                break;
            case X64Op.ConvertInteger:
                ConvertInteger(inst);
                break;
            case X64Op.TruncateTrapping:
                TruncateTrapping(inst);
                break;
            case X64Op.TruncateSaturating:
                TruncateSaturating(inst);
                break;
            default:
                throw new InvalidOperationException($"no encoding for {(X64Op)inst.Op}");
        }
    }

    private void ConstantOp(int opcode, MachineRegister register, int constant) =>
        _constantFixups.Add((_asm.RegRip(4, 0, opcode, (int)register), constant, 0));

    private bool HasAvx => (_features & CpuFeatures.Avx) != 0;

    private void ConstantOp(int prefix, int opcode, in MachineInst inst, int constant)
    {
        int result = (int)Last(inst);
        int position = HasAvx
            ? _asm.VexRegRip(4, prefix, 1, opcode, result, (int)Register(inst, 0))
            : _asm.RegRip(4, prefix, 0x0F00 | opcode, result);
        _constantFixups.Add((position, constant, 0));
    }

    private void FloatAlu(in MachineInst inst)
    {
        int prefix = Prefix(inst.Size);
        if (!HasAvx)
        {
            RegOperand(4, prefix, 0x0F00 | inst.Condition, inst);
        }
        else if (ReadsMemory(inst))
        {
            MarkFault(inst);
            _asm.VexRegMem(4, prefix, 1, inst.Condition, (int)Last(inst), (int)Register(inst, 0), AddressOf(inst));
        }
        else
        {
            Location right = PlaceOf(inst, 1);
            if (right.IsSlot)
            {
                _asm.VexRegMem(4, prefix, 1, inst.Condition, (int)Last(inst), (int)Register(inst, 0), Slot(right));
            }
            else
            {
                _asm.VexRegReg(4, prefix, 1, inst.Condition, (int)Last(inst), (int)Register(inst, 0), (int)right.Register);
            }
        }
    }

    // These instructions take the upper part of the result from a register: with AVX from the input, else from the result itself,
    // and then they would wait for whoever wrote it last.
    private void FloatUnary(int prefix, int map, int opcode, in MachineInst inst)
    {
        int result = (int)Last(inst);
        int input = (int)Register(inst, 0);
        if (HasAvx)
        {
            _asm.VexRegReg(4, prefix, map, opcode, result, input, input);
            return;
        }

        if (result != input)
        {
            _asm.RegReg(4, 0, X64Opcode.XorFloat, result, result);
        }

        _asm.RegReg(4, prefix, (map == 3 ? 0x0F3A00 : 0x0F00) | opcode, result, input);
    }

    private void CompareFloats(int size, MachineRegister left, MachineRegister right) =>
        _asm.RegReg(4, size == 4 ? 0 : 0x66, X64Opcode.UnorderedCompare, (int)left, (int)right);

    private void CompareOperands(in MachineInst inst) => RegOperand(4, inst.Size == 4 ? 0 : 0x66, X64Opcode.UnorderedCompare, inst);

    // ucomis sets ZF, PF and CF when unordered. The selector swapped the operands of "less": asked as "greater", unordered is false.
    private X64Condition Ordered(in MachineInst inst)
    {
        CompareOperands(inst);
        var condition = (FloatCondition)inst.Condition;
        return condition is FloatCondition.Less or FloatCondition.Greater ? X64Condition.Above : X64Condition.AboveOrEqual;
    }

    private static bool IsEquality(in MachineInst inst) => (FloatCondition)inst.Condition <= FloatCondition.NotEqual;

    private void FloatCompareSet(in MachineInst inst)
    {
        MachineRegister result = Last(inst);
        if (!IsEquality(inst))
        {
            SetCondition(Ordered(inst), result);
            return;
        }

        bool equal = (FloatCondition)inst.Condition == FloatCondition.Equal;
        CompareOperands(inst);
        _asm.RegReg(1, 0, X64Opcode.Set | (int)(equal ? X64Condition.NoParity : X64Condition.Parity), 0, (int)IntegerScratch);
        _asm.RegReg(1, 0, X64Opcode.Set | (int)(equal ? X64Condition.Equal : X64Condition.NotEqual), 0, (int)result);
        _asm.RegReg(1, 0, equal ? X64Opcode.And8 : X64Opcode.Or8, (int)result, (int)IntegerScratch);
        _asm.RegReg(4, 0, X64Opcode.MovZeroExtend8, (int)result, (int)result, byteRm: true);
    }

    private void FloatCompareBranch(in MachineInst inst)
    {
        bool inverted = inst.Immediate != 0;
        int whenTrue = inverted ? Target(1) : Target(0);
        int whenFalse = inverted ? Target(0) : Target(1);
        if (!IsEquality(inst))
        {
            X64Condition condition = Ordered(inst);
            if (whenTrue == NextBlock())
            {
                JccBlock((X64Condition)((int)condition ^ 1), whenFalse);
            }
            else
            {
                JccBlock(condition, whenTrue);
                JmpBlock(whenFalse);
            }

            return;
        }

        if ((FloatCondition)inst.Condition == FloatCondition.NotEqual)
        {
            (whenTrue, whenFalse) = (whenFalse, whenTrue);
        }

        CompareOperands(inst);
        JccBlock(X64Condition.NotEqual, whenFalse);
        JccBlock(X64Condition.Parity, whenFalse);
        JmpBlock(whenTrue);
    }

    private void FloatCompareTrap(in MachineInst inst)
    {
        bool unless = inst.Immediate != 0;
        if (!IsEquality(inst))
        {
            X64Condition condition = Ordered(inst);
            TrapWhen(unless ? (X64Condition)((int)condition ^ 1) : condition, inst);
            return;
        }

        bool trapWhenEqual = ((FloatCondition)inst.Condition == FloatCondition.Equal) != unless;
        CompareOperands(inst);
        if (trapWhenEqual)
        {
            int over = Jcc(X64Condition.Parity);
            TrapWhen(X64Condition.Equal, inst);
            PatchHere(over);
        }
        else
        {
            TrapWhen(X64Condition.NotEqual, inst);
            TrapWhen(X64Condition.Parity, inst);
        }
    }

    // minsd gives its second operand for NaN and for zeros of different sign, so those two cases are taken apart.
    private void MinMax(in MachineInst inst)
    {
        int result = (int)Register(inst, 0);
        int other = (int)Register(inst, 1);
        bool max = inst.Condition != 0;
        CompareFloats(inst.Size, (MachineRegister)result, (MachineRegister)other);
        int different = Jcc(X64Condition.NotEqual);
        int unordered = Jcc(X64Condition.Parity);
        _asm.RegReg(4, 0, max ? X64Opcode.AndFloat : X64Opcode.OrFloat, result, other);
        int done = Jmp();
        PatchHere(unordered);
        _asm.RegReg(4, Prefix(inst.Size), X64Opcode.AddFloat, result, other);
        int done2 = Jmp();
        PatchHere(different);
        _asm.RegReg(4, Prefix(inst.Size), max ? X64Opcode.MaxFloat : X64Opcode.MinFloat, result, other);
        PatchHere(done);
        PatchHere(done2);
    }

    private void ConvertInteger(in MachineInst inst)
    {
        int result = (int)Last(inst);
        int from = (int)Register(inst, 0);
        bool isUnsigned = (inst.Condition & 1) != 0;
        bool from64 = (inst.Condition & 2) != 0;
        _asm.RegReg(4, 0, X64Opcode.XorFloat, result, result);
        if (!isUnsigned || !from64)
        {
            _asm.RegReg(from64 || isUnsigned ? 8 : 4, Prefix(inst.Size), X64Opcode.ConvertFromInteger, result, from);
            return;
        }

        // From 2^63 up: convert half, with the lost bit kept as the lowest so that rounding comes out right, and double it.
        _asm.RegReg(8, 0, X64Opcode.Test, from, from);
        int large = Jcc(X64Condition.Sign);
        _asm.RegReg(8, Prefix(inst.Size), X64Opcode.ConvertFromInteger, result, from);
        int done = Jmp();
        PatchHere(large);
        MoveReg(8, IntegerScratch, (MachineRegister)from);
        _asm.RegReg(8, 0, X64Opcode.ShiftImmediate, (int)ShiftKind.ShiftRight, (int)IntegerScratch);
        _asm.Byte(1);
        _asm.RegReg(4, 0, X64Opcode.TestImmediate, X64Opcode.TestImmediateDigit, from);   // test from32, 1
        _asm.Int32(1);
        int even = Jcc(X64Condition.Equal);
        AluImmediate(8, AluKind.Or, IntegerScratch, 1);
        PatchHere(even);
        _asm.RegReg(8, Prefix(inst.Size), X64Opcode.ConvertFromInteger, result, (int)IntegerScratch);
        _asm.RegReg(4, Prefix(inst.Size), X64Opcode.AddFloat, result, result);
        PatchHere(done);
    }

    private void Truncate(int integerSize, int floatSize, MachineRegister to, MachineRegister from) =>
        _asm.RegReg(integerSize, Prefix(floatSize), X64Opcode.TruncateToInteger, (int)to, (int)from);

    private void FloatImmediate(MachineRegister to, int floatSize, double value)
    {
        LoadImmediate(IntegerScratch, floatSize == 4 ? BitConverter.SingleToUInt32Bits((float)value) : BitConverter.DoubleToInt64Bits(value));
        _asm.RegReg(floatSize, 0x66, X64Opcode.MovToFloat, (int)to, (int)IntegerScratch);
    }

    private void TruncateTrapping(in MachineInst inst)
    {
        MachineRegister from = Register(inst, 0);
        MachineRegister to = Last(inst);
        bool isUnsigned = (inst.Condition & 1) != 0;
        int floatSize = (inst.Condition & 2) != 0 ? 8 : 4;
        CompareFloats(floatSize, from, from);
        TrapWhen(X64Condition.Parity, TrapCode.BadConversionToInteger, inst);
        if (inst.Size == 4)
        {
            // 64 bits hold every i32 and u32; what does not come back from 32 bits did not fit.
            Truncate(8, floatSize, to, from);
            _asm.RegReg(isUnsigned ? 4 : 8, 0, isUnsigned ? X64Opcode.MovLoad : X64Opcode.MovSignExtend32, (int)IntegerScratch, (int)to);
            AluReg(8, AluKind.Cmp, IntegerScratch, to);
            TrapWhen(X64Condition.NotEqual, TrapCode.IntegerOverflow, inst);
            MoveReg(4, to, to);
            return;
        }

        const double TwoTo63 = 9223372036854775808.0;
        if (!isUnsigned)
        {
            FloatImmediate(FloatScratch, floatSize, -TwoTo63);
            CompareFloats(floatSize, from, FloatScratch);
            TrapWhen(X64Condition.Below, TrapCode.IntegerOverflow, inst);
            FloatImmediate(FloatScratch, floatSize, TwoTo63);
            CompareFloats(floatSize, from, FloatScratch);
            TrapWhen(X64Condition.AboveOrEqual, TrapCode.IntegerOverflow, inst);
            Truncate(8, floatSize, to, from);
            return;
        }

        FloatImmediate(FloatScratch, floatSize, TwoTo63);
        CompareFloats(floatSize, from, FloatScratch);
        int large = Jcc(X64Condition.AboveOrEqual);
        Truncate(8, floatSize, to, from);
        _asm.RegReg(8, 0, X64Opcode.Test, (int)to, (int)to);
        TrapWhen(X64Condition.Sign, TrapCode.IntegerOverflow, inst);
        int done = Jmp();
        PatchHere(large);
        TruncateUpperHalf(floatSize, to, from);
        _asm.RegReg(8, 0, X64Opcode.Test, (int)to, (int)to);
        TrapWhen(X64Condition.Sign, TrapCode.IntegerOverflow, inst);
        FlipTopBit(to);
        PatchHere(done);
    }

    // to = trunc(from - 2^63), with 2^63 in xmm15.
    private void TruncateUpperHalf(int floatSize, MachineRegister to, MachineRegister from)
    {
        // xmm15 = from - xmm15, as -(xmm15 - from): no second scratch register is needed.
        _asm.RegReg(4, Prefix(floatSize), X64Opcode.SubtractFloat, (int)FloatScratch, (int)from);
        Truncate(8, floatSize, to, FloatScratch);
        _asm.RegReg(8, 0, X64Opcode.Negate, X64Opcode.NegateDigit, (int)to);   // neg
    }

    private void FlipTopBit(MachineRegister register)
    {
        _asm.RegReg(8, 0, X64Opcode.BitComplement, X64Opcode.BitComplementDigit, (int)register);   // btc
        _asm.Byte(63);
    }

    private void TruncateSaturating(in MachineInst inst)
    {
        MachineRegister from = Register(inst, 0);
        MachineRegister to = Last(inst);
        bool isUnsigned = (inst.Condition & 1) != 0;
        int floatSize = (inst.Condition & 2) != 0 ? 8 : 4;
        double low = isUnsigned ? 0 : inst.Size == 4 ? int.MinValue : long.MinValue;
        long lowest = isUnsigned ? 0 : inst.Size == 4 ? unchecked((uint)int.MinValue) : long.MinValue;
        double limit = (inst.Size, isUnsigned) switch
        {
            (4, false) => 2147483648.0,
            (4, true) => 4294967296.0,
            (_, false) => 9223372036854775808.0,
            _ => 18446744073709551616.0,
        };
        long highest = (inst.Size, isUnsigned) switch
        {
            (4, false) => int.MaxValue,
            (4, true) => uint.MaxValue,
            (_, false) => long.MaxValue,
            _ => -1,
        };

        // Each case that needs no conversion loads its answer and leaves.
        var done = new List<int>();
        void Answer(X64Condition otherwise, long value)
        {
            int over = Jcc(otherwise);
            LoadImmediate(to, value);
            done.Add(Jmp());
            PatchHere(over);
        }

        CompareFloats(floatSize, from, from);
        Answer(X64Condition.NoParity, 0);
        FloatImmediate(FloatScratch, floatSize, low);
        CompareFloats(floatSize, from, FloatScratch);
        Answer(X64Condition.Above, lowest);
        FloatImmediate(FloatScratch, floatSize, limit);
        CompareFloats(floatSize, from, FloatScratch);
        Answer(X64Condition.Below, highest);
        if (inst.Size == 8 && isUnsigned)
        {
            FloatImmediate(FloatScratch, floatSize, 9223372036854775808.0);
            CompareFloats(floatSize, from, FloatScratch);
            int small = Jcc(X64Condition.Below);
            TruncateUpperHalf(floatSize, to, from);
            FlipTopBit(to);
            done.Add(Jmp());
            PatchHere(small);
        }

        Truncate(inst.Size == 4 && !isUnsigned ? 4 : 8, floatSize, to, from);
        if (inst.Size == 4 && isUnsigned)
        {
            MoveReg(4, to, to);
        }

        foreach (int position in done)
        {
            PatchHere(position);
        }
    }
}
