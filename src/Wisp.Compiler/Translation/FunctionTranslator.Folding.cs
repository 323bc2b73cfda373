using System.Numerics;
using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Translation;

// Constants, identities and equal values, found while building. Constants stand on the right of what commutes, so that everything
// behind has one form to look for.
internal sealed partial class FunctionTranslator
{
    private readonly ValueTable _known = new();

    /// <summary>Makes a value without effect, or finds the one that is equal to it.</summary>
    private int Pure(Op op, SsaType type, int a = 0, int b = 0, int c = 0, int d = 0, int flags = 0)
    {
        OpUses uses = OpShape.UsesOf(op);
        if (uses == (OpUses.A | OpUses.B))
        {
            PutConstantRight(op, ref a, ref b, ref flags);
        }

        int simpler = uses == OpUses.A ? FoldUnary(op, type, a) : uses == (OpUses.A | OpUses.B) ? FoldBinary(op, type, a, b, flags)
            : op == Op.Select ? FoldSelect(a, b, c) : None;
        if (simpler != None)
        {
            return simpler;
        }

        var inst = new Inst { Op = op, Type = type, A = a, B = b, C = c, D = d, Flags = (byte)flags };
        int value = _known.Find(_ssa, inst);
        if (value == None)
        {
            value = _ssa.Insts.Add(inst);
            _ssa.SourceOffsets.Add(_source);
            _known.Add(inst, value);
        }

        return value;
    }

    /// <summary>Traps when a condition holds, unless that is known not to be, or was asked before.</summary>
    private void TrapWhen(Op op, int condition, Abi.TrapCode code)
    {
        if (TryConstant(condition, out long bits) && (bits != 0) != (op == Op.TrapIf))
        {
            return;
        }

        var inst = new Inst { Op = op, A = condition, C = (int)code };
        if (_known.Find(_ssa, inst) == None)
        {
            _known.Add(inst, Emit(op, SsaType.None, condition, c: (int)code));
        }
    }

    private bool TryConstant(int value, out long bits)
    {
        ref Inst inst = ref _ssa.Insts[value];
        bits = inst.Type == SsaType.I32 ? inst.A : (uint)inst.A | ((long)inst.B << 32);
        return inst.Op == Op.Const && inst.Type is SsaType.I32 or SsaType.I64;
    }

    private void PutConstantRight(Op op, ref int a, ref int b, ref int flags)
    {
        if (_ssa.Insts[a].Op != Op.Const || _ssa.Insts[b].Op == Op.Const)
        {
            return;
        }

        if (op is Op.Add or Op.Mul or Op.And or Op.Or or Op.Xor)
        {
            (a, b) = (b, a);
        }
        else if (op == Op.Compare)
        {
            (a, b) = (b, a);
            flags = (int)Swapped((IntCondition)flags);
        }
    }

    private static IntCondition Swapped(IntCondition condition) => condition switch
    {
        IntCondition.LessSigned => IntCondition.GreaterSigned,
        IntCondition.LessUnsigned => IntCondition.GreaterUnsigned,
        IntCondition.GreaterSigned => IntCondition.LessSigned,
        IntCondition.GreaterUnsigned => IntCondition.LessUnsigned,
        IntCondition.LessOrEqualSigned => IntCondition.GreaterOrEqualSigned,
        IntCondition.LessOrEqualUnsigned => IntCondition.GreaterOrEqualUnsigned,
        IntCondition.GreaterOrEqualSigned => IntCondition.LessOrEqualSigned,
        IntCondition.GreaterOrEqualUnsigned => IntCondition.LessOrEqualUnsigned,
        _ => condition,
    };

    private static IntCondition Inverted(IntCondition condition) => condition switch
    {
        IntCondition.Equal => IntCondition.NotEqual,
        IntCondition.NotEqual => IntCondition.Equal,
        IntCondition.LessSigned => IntCondition.GreaterOrEqualSigned,
        IntCondition.LessUnsigned => IntCondition.GreaterOrEqualUnsigned,
        IntCondition.GreaterSigned => IntCondition.LessOrEqualSigned,
        IntCondition.GreaterUnsigned => IntCondition.LessOrEqualUnsigned,
        IntCondition.LessOrEqualSigned => IntCondition.GreaterSigned,
        IntCondition.LessOrEqualUnsigned => IntCondition.GreaterUnsigned,
        IntCondition.GreaterOrEqualSigned => IntCondition.LessSigned,
        _ => IntCondition.LessUnsigned,
    };

    private int FoldSelect(int condition, int whenTrue, int whenFalse) =>
        whenTrue == whenFalse ? whenTrue : TryConstant(condition, out long bits) ? bits != 0 ? whenTrue : whenFalse : None;

    /// <summary>Whether an operation makes 0 or 1.</summary>
    private static bool IsTruth(Op op) => op is Op.Compare or Op.FCompare or Op.IsZero;

    private int FoldUnary(Op op, SsaType type, int a)
    {
        Inst operand = _ssa.Insts[a];
        if (TryConstant(a, out long bits))
        {
            return op switch
            {
                Op.IsZero => Const(type, bits == 0 ? 1 : 0),
                Op.Wrap => Const(type, (int)bits),
                Op.ZeroExtend => Const(type, (uint)bits),
                Op.SignExtend or Op.Extend32S => Const(type, (int)bits),
                Op.Extend8S => Const(type, (sbyte)bits),
                Op.Extend16S => Const(type, (short)bits),
                _ => None,
            };
        }

        switch (op)
        {
            // The opposite comparison; not for floats, where the opposite of < is not >=.
            case Op.IsZero when operand.Op == Op.Compare:
                return Pure(Op.Compare, type, operand.A, operand.B, flags: (int)Inverted((IntCondition)operand.Flags));
            case Op.IsZero when operand.Op == Op.IsZero && IsTruth(_ssa.Insts[operand.A].Op):
                return operand.A;
            case Op.Wrap when operand.Op is Op.ZeroExtend or Op.SignExtend:
                return operand.A;
            default:
                return None;
        }
    }

    private int FoldBinary(Op op, SsaType type, int a, int b, int flags)
    {
        if (!TryConstant(b, out long right))
        {
            return a == b ? FoldSame(op, type, a) : None;
        }

        if (TryConstant(a, out long left) && Evaluate(op, _ssa.Insts[a].Type == SsaType.I64, left, right, flags) is long result)
        {
            return Const(type, result);
        }

        return FoldWithConstant(op, type, a, right, flags);
    }

    private int FoldSame(Op op, SsaType type, int a) => op switch
    {
        Op.And or Op.Or => a,
        Op.Xor or Op.Sub => Const(type, 0),
        _ => None,
    };

    private int FoldWithConstant(Op op, SsaType type, int a, long right, int flags)
    {
        int width = type == SsaType.I64 ? 64 : 32;
        ulong unsigned = type == SsaType.I64 ? (ulong)right : (uint)right;
        Inst inner = _ssa.Insts[a];
        switch (op)
        {
            case Op.Add or Op.Sub or Op.Or or Op.Xor when right == 0:
            case Op.Mul when right == 1:
            case Op.And when right == -1:
            case Op.Shl or Op.ShrS or Op.ShrU or Op.RotL or Op.RotR when (right & (width - 1)) == 0:
                return a;
            case Op.Mul or Op.And when right == 0:
                return Const(type, 0);
            case Op.Sub:
                return Pure(Op.Add, type, a, Const(type, -right));
            case Op.Mul when BitOperations.IsPow2(unsigned):
                return Pure(Op.Shl, type, a, Const(type, BitOperations.TrailingZeroCount(unsigned)));
            case Op.Add when inner.Op == Op.Add && TryConstant(inner.B, out long first):
                return Pure(Op.Add, type, inner.A, Const(type, first + right));
            case Op.And when inner.Op == Op.And && TryConstant(inner.B, out long mask):
                return Pure(Op.And, type, inner.A, Const(type, mask & right));
            case Op.Xor when right == 1 && IsTruth(inner.Op):
                return Pure(Op.IsZero, SsaType.I32, a);   // how LLVM negates a comparison of floats
            case Op.And when right == 1 && IsTruth(inner.Op):
                return a;
            case Op.Compare when right == 0 && IsTruth(inner.Op):
                return (IntCondition)flags switch
                {
                    IntCondition.NotEqual => a,
                    IntCondition.Equal => Pure(Op.IsZero, SsaType.I32, a),
                    _ => None,
                };
            default:
                return None;
        }
    }

    /// <summary>The result of a pure operation on two constants of 32 or 64 bits, or null when there is none.</summary>
    private static long? Evaluate(Op op, bool is64, long left, long right, int flags)
    {
        ulong unsignedLeft = is64 ? (ulong)left : (uint)left;
        ulong unsignedRight = is64 ? (ulong)right : (uint)right;
        int count = (int)right & (is64 ? 63 : 31);
        long? result = op switch
        {
            Op.Add => left + right,
            Op.Sub => left - right,
            Op.Mul => left * right,
            Op.And => left & right,
            Op.Or => left | right,
            Op.Xor => left ^ right,
            Op.Shl => left << count,
            Op.ShrS => left >> count,
            Op.ShrU => (long)(unsignedLeft >> count),
            Op.Compare => (IntCondition)flags switch
            {
                IntCondition.Equal => left == right,
                IntCondition.NotEqual => left != right,
                IntCondition.LessSigned => left < right,
                IntCondition.LessUnsigned => unsignedLeft < unsignedRight,
                IntCondition.GreaterSigned => left > right,
                IntCondition.GreaterUnsigned => unsignedLeft > unsignedRight,
                IntCondition.LessOrEqualSigned => left <= right,
                IntCondition.LessOrEqualUnsigned => unsignedLeft <= unsignedRight,
                IntCondition.GreaterOrEqualSigned => left >= right,
                _ => unsignedLeft >= unsignedRight,
            } ? 1 : 0,
            _ => null,
        };
        return is64 || result is null ? result : (int)result.Value;
    }
}
