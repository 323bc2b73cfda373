using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Arithmetic, comparisons and conversions.
internal sealed partial class X64Selector
{
    private void SelectInst(int i)
    {
        Inst inst = _ssa.Insts[i];
        int size = SizeOf(inst.Type);
        switch (inst.Op)
        {
            case Op.Const or Op.ConstVector or Op.ZeroExtend:
                break;   // made at each use
            case Op.Add:
                SelectAdd(i, size);
                break;
            case Op.Sub:
                Alu(AluKind.Sub, i, commutes: false);
                break;
            case Op.And:
                Alu(AluKind.And, i, commutes: true);
                break;
            case Op.Or:
                Alu(AluKind.Or, i, commutes: true);
                break;
            case Op.Xor:
                Alu(AluKind.Xor, i, commutes: true);
                break;
            case Op.Mul:
                SelectMultiply(i, size);
                break;
            case Op.Shl:
                Shift(ShiftKind.ShiftLeft, i, size);
                break;
            case Op.ShrS:
                Shift(ShiftKind.ShiftRightSigned, i, size);
                break;
            case Op.ShrU:
                Shift(ShiftKind.ShiftRight, i, size);
                break;
            case Op.RotL:
                Shift(ShiftKind.RotateLeft, i, size);
                break;
            case Op.RotR:
                Shift(ShiftKind.RotateRight, i, size);
                break;
            case Op.DivS:
                Divide(DivideKind.QuotientSigned, i, size);
                break;
            case Op.DivU:
                Divide(DivideKind.QuotientUnsigned, i, size);
                break;
            case Op.RemS:
                Divide(DivideKind.RemainderSigned, i, size);
                break;
            case Op.RemU:
                Divide(DivideKind.RemainderUnsigned, i, size);
                break;
            case Op.Clz:
                Unary(X64Op.Unary, i, size, (int)UnaryKind.LeadingZeros);
                break;
            case Op.Ctz:
                Unary(X64Op.Unary, i, size, (int)UnaryKind.TrailingZeros);
                break;
            case Op.Popcnt:
                Unary(X64Op.Unary, i, size, (int)UnaryKind.PopulationCount);
                break;
            case Op.Extend8S:
                Unary(X64Op.Unary, i, size, (int)UnaryKind.Extend8);
                break;
            case Op.Extend16S:
                Unary(X64Op.Unary, i, size, (int)UnaryKind.Extend16);
                break;
            case Op.Extend32S or Op.SignExtend:
                Unary(X64Op.Unary, i, 8, (int)UnaryKind.Extend32);
                break;
            case Op.Wrap:
                Unary(X64Op.Unary, i, 4, (int)UnaryKind.ZeroUpper);
                break;
            case Op.Compare or Op.IsZero:
                BeginCompare(TestOfComparison(i), X64Op.CompareSet, X64Op.CompareSetImmediate);
                Define(i);
                break;
            case Op.FCompare:
                BeginFloatCompare(X64Op.FloatCompareSet, inst, 0);
                Define(i);
                break;

            case Op.FAdd:
                FloatAlu(FloatAluKind.Add, i, size);
                break;
            case Op.FSub:
                FloatAlu(FloatAluKind.Subtract, i, size);
                break;
            case Op.FMul:
                FloatAlu(FloatAluKind.Multiply, i, size);
                break;
            case Op.FDiv:
                FloatAlu(FloatAluKind.Divide, i, size);
                break;
            case Op.FMin:
                MinMax(i, size, 0);
                break;
            case Op.FMax:
                MinMax(i, size, 1);
                break;
            case Op.FCopySign:
                {
                    int magnitude = Value(inst.A);
                    int sign = Value(inst.B);
                    int constant = Constant(SignMask(size));
                    int inverse = Constant(~SignMask(size));
                    Begin(X64Op.FloatCopySign, size, 0, (uint)constant | ((long)inverse << 32));
                    Use(magnitude);
                    Use(sign);
                    Add(Operand.DefEarly(VregOf(i)));
                    End();
                    break;
                }

            case Op.FAbs:
                SelectSign(i, size, 0, Constant(~SignMask(size)));
                break;
            case Op.FNeg:
                SelectSign(i, size, 1, Constant(SignMask(size)));
                break;
            case Op.FSqrt:
                Unary(X64Op.FloatSqrt, i, size, 0);
                break;
            case Op.FNearest:
                Unary(X64Op.FloatRound, i, size, 0);
                break;
            case Op.FFloor:
                Unary(X64Op.FloatRound, i, size, 1);
                break;
            case Op.FCeil:
                Unary(X64Op.FloatRound, i, size, 2);
                break;
            case Op.FTrunc:
                Unary(X64Op.FloatRound, i, size, 3);
                break;
            case Op.FDemote or Op.FPromote:
                Unary(X64Op.FloatConvert, i, size, 0);
                break;
            case Op.TruncS or Op.TruncU:
                Unary(X64Op.TruncateTrapping, i, size, Bits(inst.Op == Op.TruncU, _ssa.Insts[inst.A].Type == SsaType.F64));
                break;
            case Op.TruncSatS or Op.TruncSatU:
                Unary(X64Op.TruncateSaturating, i, size, Bits(inst.Op == Op.TruncSatU, _ssa.Insts[inst.A].Type == SsaType.F64));
                break;
            case Op.ConvertS or Op.ConvertU:
                SelectConvert(i, inst, size);
                break;
            case Op.Reinterpret:
                Unary(IsFloat(inst.Type) ? X64Op.MoveToFloat : X64Op.MoveFromFloat, i, size, 0);
                break;
            case Op.Select:
                SelectSelect(i, inst);
                break;
            case Op.VectorUnary:
                SelectVectorUnary(i, inst);
                break;
            case Op.VectorBinary:
                SelectVectorBinary(i, inst);
                break;
            case Op.VectorTernary:
                SelectBitselect(i, inst);
                break;
            default:
                SelectEffect(i, inst);
                break;
        }
    }

    private static int Bits(bool low, bool high) => (low ? 1 : 0) | (high ? 2 : 0);

    private static UInt128 SignMask(int size) => size == 4 ? 0x8000_0000u : 0x8000_0000_0000_0000ul;

    private void Define(int value)
    {
        Add(Operand.Def(VregOf(value)));
        End();
    }

    private void DefineSameAs(int value, int operand)
    {
        Add(Operand.DefSameAs(VregOf(value), operand));
        End();
    }

    private void Unary(X64Op op, int i, int size, int condition)
    {
        int a = Value(_ssa.Insts[i].A);
        Begin(op, size, condition);
        Use(a);
        Define(i);
    }

    private void Alu(AluKind kind, int i, bool commutes)
    {
        Inst inst = _ssa.Insts[i];
        (int left, int right) = commutes ? Ordered(inst) : (inst.A, inst.B);
        int size = SizeOf(inst.Type);
        if (TryImmediate(right, out int immediate))
        {
            AluImmediate(kind, i, size, left, immediate);
            return;
        }

        BeginBinary(X64Op.Alu, size, (int)kind, left, right, commutes);
        if (kind == AluKind.Add && _inst.BaseOperand == MachineInst.NoOperand)
        {
            _inst.Flags |= MachineInstFlags.PrefersTied;   // else it is a lea
            Define(i);
        }
        else
        {
            DefineSameAs(i, 0);
        }
    }

    private void AluImmediate(AluKind kind, int i, int size, int left, int immediate)
    {
        if (kind == AluKind.Sub && immediate != int.MinValue)
        {
            kind = AluKind.Add;
            immediate = -immediate;
        }

        int a = Value(left);
        Begin(X64Op.AluImmediate, size, (int)kind, immediate);
        Use(a);
        if (kind == AluKind.Add)
        {
            _inst.Flags = MachineInstFlags.PrefersTied;
            Define(i);
        }
        else
        {
            DefineSameAs(i, 0);
        }
    }

    // The constant, or the load that the instruction reads itself, comes second.
    private (int Left, int Right) Ordered(in Inst inst) =>
        _fused[inst.A] || (_ssa.Insts[inst.A].Op == Op.Const && !_fused[inst.B]) ? (inst.B, inst.A) : (inst.A, inst.B);

    private void BeginBinary(X64Op op, int size, int condition, int left, int right, bool commutes = false)
    {
        if (_fused[right])
        {
            SelectedAddress address = AddressOfLoad(right);
            int x = Value(left);
            Begin(op, size, condition);
            Use(x);
            AddLoad(right, address);
            return;
        }

        int a = Value(left);
        int b = Value(right);
        Begin(op, size, condition);
        _inst.Flags = commutes ? MachineInstFlags.Commutative : 0;
        Use(a);
        UseAny(b);
    }

    private void SelectAdd(int i, int size)
    {
        Inst inst = _ssa.Insts[i];
        (int left, int right) = Ordered(inst);
        bool isLea = _fused[left] || (_fused[right] && !IsLoad(_ssa.Insts[right].Op));
        if (!isLea)
        {
            Alu(AluKind.Add, i, commutes: true);
            return;
        }

        SelectedAddress sum = SumAddress(i, 0, isRoot: true);
        Begin(X64Op.Lea, size);
        AddAddress(sum);
        Define(i);
    }

    private void SelectMultiply(int i, int size)
    {
        (int left, int right) = Ordered(_ssa.Insts[i]);
        if (TryImmediate(right, out int immediate))
        {
            int a = Value(left);
            if (immediate is 3 or 5 or 9)
            {
                Begin(X64Op.Lea, size);
                AddAddress(new SelectedAddress(a, a, 0, int.TrailingZeroCount(immediate - 1)));
                Define(i);
                return;
            }

            if (immediate > 0 && int.IsPow2(immediate))
            {
                Begin(X64Op.ShiftImmediate, size, (int)ShiftKind.ShiftLeft, int.TrailingZeroCount(immediate));
                Use(a);
                DefineSameAs(i, 0);
                return;
            }

            Begin(X64Op.MultiplyImmediate, size, 0, immediate);
            Use(a);
            Define(i);
            return;
        }

        BeginBinary(X64Op.Multiply, size, 0, left, right, commutes: true);
        DefineSameAs(i, 0);
    }

    private void Shift(ShiftKind kind, int i, int size)
    {
        Inst inst = _ssa.Insts[i];
        int a = Value(inst.A);
        bool rotates = kind is ShiftKind.RotateLeft or ShiftKind.RotateRight;
        bool hasBmi2 = _features.HasFlag(CpuFeatures.Bmi2);
        if (_ssa.Insts[inst.B].Op == Op.Const)
        {
            int count = (int)ConstantOf(inst.B) & ((size * 8) - 1);
            if (rotates && hasBmi2)
            {
                Begin(X64Op.RotateAny, size, 0, kind == ShiftKind.RotateLeft ? ((size * 8) - count) & ((size * 8) - 1) : count);
                _inst.Flags = MachineInstFlags.PrefersTied;   // then it is a ror, half as long
                UseAny(a);
                Define(i);
                return;
            }

            Begin(X64Op.ShiftImmediate, size, (int)kind, count);
            Use(a);
            DefineSameAs(i, 0);
            return;
        }

        int by = Value(inst.B);
        if (hasBmi2 && !rotates)
        {
            Begin(X64Op.ShiftAny, size, (int)kind);
            Use(a);
            Use(by);
            Define(i);
            return;
        }

        Begin(X64Op.Shift, size, (int)kind);
        Use(a);
        Add(Operand.UseFixed(by, MachineRegister.Rcx));
        DefineSameAs(i, 0);
    }

    private void Divide(DivideKind kind, int i, int size)
    {
        Inst inst = _ssa.Insts[i];
        if (_ssa.Insts[inst.B].Op == Op.Const && TryDivideByConstant(kind, i, size, inst.A, ConstantOf(inst.B)))
        {
            return;
        }

        int a = Value(inst.A);
        int b = Value(inst.B);
        bool quotient = kind is DivideKind.QuotientSigned or DivideKind.QuotientUnsigned;
        Begin(X64Op.Divide, size, (int)kind);
        Add(Operand.UseFixed(a, MachineRegister.Rax));
        Add(Operand.UseLate(b));
        Add(Operand.DefFixed(VregOf(i), quotient ? MachineRegister.Rax : MachineRegister.Rdx));
        SetClobbers(1u << (int)(quotient ? MachineRegister.Rdx : MachineRegister.Rax));
        End();
    }

    private void MinMax(int i, int size, int kind)
    {
        Inst inst = _ssa.Insts[i];
        int x = Value(inst.A);
        int y = Value(inst.B);
        Begin(X64Op.FloatMinMax, size, kind);
        Use(x);
        Add(Operand.UseLate(y));   // read after the first operand was written
        DefineSameAs(i, 0);
    }

    private void FloatAlu(FloatAluKind kind, int i, int size)
    {
        Inst inst = _ssa.Insts[i];
        bool commutes = kind is FloatAluKind.Add or FloatAluKind.Multiply;
        (int left, int right) = commutes ? Ordered(inst) : (inst.A, inst.B);
        if (_ssa.Insts[right].Op == Op.Const && ConstantOf(right) != 0)
        {
            int a = Value(left);
            Begin(X64Op.FloatAluConstant, size, (int)kind, Constant((ulong)ConstantOf(right)));
            Use(a);
        }
        else
        {
            BeginBinary(X64Op.FloatAlu, size, (int)kind, left, right, commutes && !_features.HasFlag(CpuFeatures.Avx));
        }

        DefineFloat(i);
    }

    // With AVX the result has a register of its own.
    private void DefineFloat(int i)
    {
        if (_features.HasFlag(CpuFeatures.Avx))
        {
            Define(i);
        }
        else
        {
            DefineSameAs(i, 0);
        }
    }

    private void SelectSign(int i, int size, int kind, int constant)
    {
        int a = Value(_ssa.Insts[i].A);
        Begin(X64Op.FloatSign, size, kind, constant);
        Use(a);
        DefineFloat(i);
    }

    private void SelectConvert(int i, in Inst inst, int size)
    {
        int a = Value(inst.A);
        bool from64 = _ssa.Insts[inst.A].Type == SsaType.I64;
        Begin(X64Op.ConvertInteger, size, Bits(inst.Op == Op.ConvertU, from64));
        Use(a);
        Define(i);
    }

}
