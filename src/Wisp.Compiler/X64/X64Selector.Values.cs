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
            case Op.Const or Op.ZeroExtend:
                break;   // made at each use
            case Op.Add:
                Alu(AluKind.Add, i, commutes: true);
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
            case Op.Compare:
                SelectCompare(i, inst.A, inst.B, Condition((IntCondition)inst.Flags));
                break;
            case Op.IsZero:
                SelectIsZero(i, inst.A);
                break;
            case Op.FCompare:
            {
                int a = Value(inst.A);
                int b = Value(inst.B);
                Begin(X64Op.FloatCompareSet, SizeOf(_ssa.Insts[inst.A].Type), inst.Flags);
                Use(a);
                Use(b);
                Define(i);
                break;
            }

            case Op.FAdd:
                FloatAlu(X64Op.FloatAlu, i, size, (int)FloatAluKind.Add);
                break;
            case Op.FSub:
                FloatAlu(X64Op.FloatAlu, i, size, (int)FloatAluKind.Subtract);
                break;
            case Op.FMul:
                FloatAlu(X64Op.FloatAlu, i, size, (int)FloatAluKind.Multiply);
                break;
            case Op.FDiv:
                FloatAlu(X64Op.FloatAlu, i, size, (int)FloatAluKind.Divide);
                break;
            case Op.FMin:
                FloatAlu(X64Op.FloatMinMax, i, size, 0);
                break;
            case Op.FMax:
                FloatAlu(X64Op.FloatMinMax, i, size, 1);
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
        int left = inst.A;
        int right = inst.B;
        if (commutes && _ssa.Insts[left].Op == Op.Const)
        {
            (left, right) = (right, left);
        }

        int size = SizeOf(inst.Type);
        if (TryImmediate(right, out int immediate))
        {
            AluImmediate(kind, i, size, left, immediate);
            return;
        }

        int x = Value(left);
        int y = Value(right);
        Begin(X64Op.Alu, size, (int)kind);
        _inst.Flags = commutes ? MachineInstFlags.Commutative : 0;
        Use(x);
        UseAny(y);
        if (kind == AluKind.Add)
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

    private void SelectMultiply(int i, int size)
    {
        Inst inst = _ssa.Insts[i];
        (int left, int right) = _ssa.Insts[inst.A].Op == Op.Const ? (inst.B, inst.A) : (inst.A, inst.B);
        if (TryImmediate(right, out int immediate))
        {
            int a = Value(left);
            Begin(X64Op.MultiplyImmediate, size, 0, immediate);
            Use(a);
            Define(i);
            return;
        }

        int x = Value(left);
        int y = Value(right);
        Begin(X64Op.Multiply, size);
        _inst.Flags = MachineInstFlags.Commutative;
        Use(x);
        UseAny(y);
        DefineSameAs(i, 0);
    }

    private void Shift(ShiftKind kind, int i, int size)
    {
        Inst inst = _ssa.Insts[i];
        int a = Value(inst.A);
        if (_ssa.Insts[inst.B].Op == Op.Const)
        {
            Begin(X64Op.ShiftImmediate, size, (int)kind, ConstantOf(inst.B) & ((size * 8) - 1));
            Use(a);
            DefineSameAs(i, 0);
            return;
        }

        int count = Value(inst.B);
        Begin(X64Op.Shift, size, (int)kind);
        Use(a);
        Add(Operand.UseFixed(count, MachineRegister.Rcx));
        DefineSameAs(i, 0);
    }

    private void Divide(DivideKind kind, int i, int size)
    {
        Inst inst = _ssa.Insts[i];
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

    private void FloatAlu(X64Op op, int i, int size, int kind)
    {
        Inst inst = _ssa.Insts[i];
        int x = Value(inst.A);
        int y = Value(inst.B);
        Begin(op, size, kind);
        Use(x);
        if (op == X64Op.FloatMinMax)
        {
            // The two-step forms read the second operand after they wrote the first.
            Add(Operand.UseLate(y));
        }
        else
        {
            bool commutes = (FloatAluKind)kind is FloatAluKind.Add or FloatAluKind.Multiply;
            _inst.Flags = commutes ? MachineInstFlags.Commutative : 0;
            UseAny(y);
        }

        DefineSameAs(i, 0);
    }

    private void SelectSign(int i, int size, int kind, int constant)
    {
        int a = Value(_ssa.Insts[i].A);
        Begin(X64Op.FloatSign, size, kind, constant);
        Use(a);
        DefineSameAs(i, 0);
    }

    private void SelectConvert(int i, in Inst inst, int size)
    {
        int a = Value(inst.A);
        bool from64 = _ssa.Insts[inst.A].Type == SsaType.I64;
        Begin(X64Op.ConvertInteger, size, Bits(inst.Op == Op.ConvertU, from64));
        Use(a);
        Define(i);
    }

    private static X64Condition Condition(IntCondition condition) => condition switch
    {
        IntCondition.Equal => X64Condition.Equal,
        IntCondition.NotEqual => X64Condition.NotEqual,
        IntCondition.LessSigned => X64Condition.Less,
        IntCondition.LessUnsigned => X64Condition.Below,
        IntCondition.GreaterSigned => X64Condition.Greater,
        IntCondition.GreaterUnsigned => X64Condition.Above,
        IntCondition.LessOrEqualSigned => X64Condition.LessOrEqual,
        IntCondition.LessOrEqualUnsigned => X64Condition.BelowOrEqual,
        IntCondition.GreaterOrEqualSigned => X64Condition.GreaterOrEqual,
        _ => X64Condition.AboveOrEqual,
    };

    private void SelectCompare(int i, int left, int right, X64Condition condition)
    {
        int size = SizeOf(_ssa.Insts[left].Type);
        if (TryImmediate(right, out int immediate))
        {
            int a = Value(left);
            Begin(X64Op.CompareSetImmediate, size, (int)condition, immediate);
            UseAny(a);
            Define(i);
            return;
        }

        int x = Value(left);
        int y = Value(right);
        Begin(X64Op.CompareSet, size, (int)condition);
        Use(x);
        UseAny(y);
        Define(i);
    }

    private void SelectIsZero(int i, int value)
    {
        int a = Value(value);
        Begin(X64Op.CompareSetImmediate, SizeOf(_ssa.Insts[value].Type), (int)X64Condition.Equal, 0);
        UseAny(a);
        Define(i);
    }

    /// <summary>What a branch, trap or select tests: two integers, an integer against zero, or two floats.</summary>
    private readonly record struct Test(int Left, int Right, int Size, int Condition, bool IsFloat, bool IsInverted);

    private Test TestOf(int condition)
    {
        bool inverted = false;
        while (_fused[condition])
        {
            Inst inst = _ssa.Insts[condition];
            if (inst.Op == Op.IsZero)
            {
                if (!_fused[inst.A])
                {
                    return new Test(
                        inst.A, None, SizeOf(_ssa.Insts[inst.A].Type),
                        (int)(inverted ? X64Condition.NotEqual : X64Condition.Equal), false, false);
                }

                inverted = !inverted;
                condition = inst.A;
                continue;
            }

            int size = SizeOf(_ssa.Insts[inst.A].Type);
            if (inst.Op == Op.FCompare)
            {
                return new Test(inst.A, inst.B, size, inst.Flags, true, inverted);
            }

            int code = (int)Condition((IntCondition)inst.Flags) ^ (inverted ? 1 : 0);
            return new Test(inst.A, inst.B, size, code, false, false);
        }

        return new Test(
            condition, None, SizeOf(_ssa.Insts[condition].Type), (int)(inverted ? X64Condition.Equal : X64Condition.NotEqual),
            false, false);
    }

    private void SelectSelect(int i, in Inst inst)
    {
        Test test = TestOf(inst.A);
        bool isFloat = IsFloat(inst.Type);
        int left = Value(test.Left);
        int immediate = 0;
        bool isImmediate = test.Right == None || TryImmediate(test.Right, out immediate);
        int right = isImmediate ? None : Value(test.Right);
        int whenTrue = Value(inst.B);
        int whenFalse = Value(inst.C);
        X64Op op = (isFloat, isImmediate) switch
        {
            (false, false) => X64Op.CompareSelect,
            (false, true) => X64Op.CompareSelectImmediate,
            (true, false) => X64Op.CompareSelectFloat,
            _ => X64Op.CompareSelectFloatImmediate,
        };
        Begin(op, test.Size, test.Condition, immediate);
        if (isImmediate)
        {
            UseAny(left);
        }
        else
        {
            Use(left);
            UseAny(right);
        }

        Use(whenTrue);
        byte input = Add(Operand.Use(whenFalse));
        DefineSameAs(i, input);
    }
}
