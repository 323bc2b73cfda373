using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// What sets the flags, and what asks for them.
internal sealed partial class X64Selector
{
    /// <summary>In the Condition of a comparison: test instead of cmp.</summary>
    public const int TestFlag = 16;

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

    private static X64Condition Swapped(X64Condition condition) => condition switch
    {
        X64Condition.Less => X64Condition.Greater,
        X64Condition.Greater => X64Condition.Less,
        X64Condition.LessOrEqual => X64Condition.GreaterOrEqual,
        X64Condition.GreaterOrEqual => X64Condition.LessOrEqual,
        X64Condition.Below => X64Condition.Above,
        X64Condition.Above => X64Condition.Below,
        X64Condition.BelowOrEqual => X64Condition.AboveOrEqual,
        X64Condition.AboveOrEqual => X64Condition.BelowOrEqual,
        _ => condition,
    };

    // Of numbers that are not negative, compared as bytes.
    private static X64Condition Unsigned(X64Condition condition) => condition switch
    {
        X64Condition.Less => X64Condition.Below,
        X64Condition.Greater => X64Condition.Above,
        X64Condition.LessOrEqual => X64Condition.BelowOrEqual,
        X64Condition.GreaterOrEqual => X64Condition.AboveOrEqual,
        _ => condition,
    };

    /// <summary>
    /// What a branch, trap or select asks: two integers compared, an integer against zero (Right is None), the bits that two have in
    /// common, the float comparison that Left is, or the question about a vector that Left is.
    /// </summary>
    private readonly record struct Test(
        int Left, int Right, X64Condition Condition, bool IsBits = false, bool IsFloat = false, bool IsVector = false);

    private Test TestOf(int condition, bool inverted = false)
    {
        while (_fused[condition] && IsComparison(_ssa.Insts[condition].Op))
        {
            ref Inst inst = ref _ssa.Insts[condition];
            if (inst.Op == Op.FCompare)
            {
                return new Test(condition, None, inverted ? X64Condition.Equal : X64Condition.NotEqual, IsFloat: true);
            }

            if (inst.Op == Op.Compare)
            {
                return TestOfCompare(inst, inverted);
            }

            inverted = !inverted;
            condition = inst.A;
        }

        X64Condition isSet = inverted ? X64Condition.Equal : X64Condition.NotEqual;
        return _fused[condition] && _ssa.Insts[condition].Op == Op.VectorUnary
            ? new Test(condition, None, isSet, IsVector: true)
            : TestOfZero(condition, isSet);
    }

    private Test TestOfComparison(int comparison)
    {
        ref Inst inst = ref _ssa.Insts[comparison];
        return inst.Op == Op.Compare ? TestOfCompare(inst, false) : TestOfZero(inst.A, X64Condition.Equal);
    }

    private Test TestOfCompare(in Inst inst, bool inverted)
    {
        var condition = (X64Condition)((int)Condition((IntCondition)inst.Flags) ^ (inverted ? 1 : 0));
        return _fused[inst.A] && _ssa.Insts[inst.A].Op == Op.And
            ? TestOfZero(inst.A, condition)
            : new Test(inst.A, inst.B, condition);
    }

    private Test TestOfZero(int value, X64Condition condition)
    {
        ref Inst inst = ref _ssa.Insts[value];
        return _fused[value] && inst.Op == Op.And
            ? new Test(inst.A, inst.B, condition, IsBits: true)
            : new Test(value, None, condition);
    }

    /// <summary>Begins a comparison of integers, with its operands and its address.</summary>
    private void BeginCompare(in Test test, X64Op registers, X64Op immediates)
    {
        int immediate = 0;
        bool isImmediate = test.Right == None || TryImmediate(test.Right, out immediate);
        int size = SizeOf(_ssa.Insts[test.Left].Type);
        int flag = test.IsBits ? TestFlag : 0;
        X64Condition condition = test.Condition;
        if (_fused[test.Left])
        {
            SelectedAddress address = AddressOfLoad(test.Left);
            if (isImmediate)
            {
                var access = (MemoryAccess)_ssa.Insts[test.Left].Flags;
                size = access == MemoryAccess.Full ? size : 1;
                condition = access == MemoryAccess.U8 ? Unsigned(condition) : condition;
                Begin(immediates, size, (int)condition | flag, immediate);
            }
            else
            {
                int other = Value(test.Right);
                Begin(registers, size, (int)Swapped(condition) | flag);
                Use(other);
            }

            AddLoad(test.Left, address);
            return;
        }

        if (isImmediate)
        {
            int value = Value(test.Left);
            Begin(immediates, size, (int)condition | flag, immediate);
            UseAny(value);
            return;
        }

        BeginBinary(registers, size, (int)condition | flag, test.Left, test.Right);
    }

    // "less" is asked as "greater" with the operands swapped; so the second operand of the machine's comparison is the left one.
    private void BeginFloatCompare(X64Op op, in Inst compare, long immediate)
    {
        int size = SizeOf(_ssa.Insts[compare.A].Type);
        bool swaps = (FloatCondition)compare.Flags is FloatCondition.Less or FloatCondition.LessOrEqual;
        BeginBinary(op, size, compare.Flags, swaps ? compare.B : compare.A, swaps ? compare.A : compare.B);
        _inst.Immediate = immediate;
    }

    private void SelectSelect(int i, in Inst inst)
    {
        Test test = TestOf(inst.A);
        bool isFloat = ClassOf(inst.Type) != RegisterClass.Integer;
        int whenTrue = Value(inst.B);
        int whenFalse = Value(inst.C);
        BeginCompare(
            test, isFloat ? X64Op.CompareSelectFloat : X64Op.CompareSelect,
            isFloat ? X64Op.CompareSelectFloatImmediate : X64Op.CompareSelectImmediate);
        Use(whenTrue);
        byte input = Add(Operand.Use(whenFalse));
        DefineSameAs(i, input);
    }

    private void SelectTrap(in Inst inst)
    {
        Test test = TestOf(inst.A, inverted: inst.Op == Op.TrapUnless);
        if (test.IsFloat)
        {
            BeginFloatCompare(X64Op.FloatCompareTrap, _ssa.Insts[test.Left], test.Condition == X64Condition.Equal ? 1 : 0);
        }
        else
        {
            BeginCompare(test, X64Op.CompareTrap, X64Op.CompareTrapImmediate);
        }

        _inst.TrapCode = (byte)inst.C;
        End();
    }

    private void SelectBranch(in Inst inst)
    {
        AddEdge(inst.B);
        AddEdge(inst.C);
        Test test = TestOf(inst.A);
        if (test.IsFloat)
        {
            BeginFloatCompare(X64Op.FloatCompareBranch, _ssa.Insts[test.Left], test.Condition == X64Condition.Equal ? 1 : 0);
        }
        else if (test.IsVector)
        {
            BeginVectorTest(X64Op.VectorTestBranch, test.Left, inverted: test.Condition == X64Condition.Equal);
        }
        else
        {
            BeginCompare(test, X64Op.CompareBranch, X64Op.CompareBranchImmediate);
        }

        _inst.Flags = MachineInstFlags.Terminator;
        End();
    }
}
