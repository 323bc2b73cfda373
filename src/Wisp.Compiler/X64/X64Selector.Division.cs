using System.Numerics;
using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Division by a constant d, n bits wide, as multiplication by a number m near 2^p / d and a shift (Granlund and Montgomery,
// "Division by Invariant Integers using Multiplication", PLDI 1994; Warren, "Hacker's Delight", chapter 10).
//
//   unsigned 32   q = (x * m) >> p in 64 bits where m has 32 bits; else the upper half of x * ceil(2^64 / d), exact for every 32-bit x
//   unsigned 64   q = high(x * m) >> s; where m has 65 bits: t = high(x * (m - 2^64)), q = (((x - t) >> 1) + t) >> (s - 1)
//   signed        q = high(x * m) >> s, plus x for a negative m, plus one for a negative x
//   powers of two a shift, towards zero: a negative x gets d - 1 added first
//
// A zero divisor, and the quotient by -1 (which may overflow), are left to the division itself.
internal sealed partial class X64Selector
{
    private bool TryDivideByConstant(DivideKind kind, int i, int size, int dividend, long divisor)
    {
        bool isSigned = kind is DivideKind.QuotientSigned or DivideKind.RemainderSigned;
        bool isRemainder = kind is DivideKind.RemainderSigned or DivideKind.RemainderUnsigned;
        long d = size == 8 ? divisor : isSigned ? (int)divisor : (uint)divisor;
        if (d == 0 || (isSigned && d == -1))
        {
            return false;
        }

        int x = Value(dividend);
        int bits = size * 8;
        ulong magnitude = isSigned && d < 0 ? 0 - (ulong)d : (ulong)d;
        int result;
        if (BitOperations.IsPow2(magnitude))
        {
            int log = BitOperations.TrailingZeroCount(magnitude);
            result = isSigned
                ? isRemainder ? SignedRemainderOfPower(x, size, log) : SignedQuotientOfPower(x, size, log, d < 0)
                : isRemainder ? MaskLow(x, size, log) : ShiftBy(ShiftKind.ShiftRight, size, x, log);
        }
        else
        {
            int quotient = isSigned ? SignedQuotient(x, size, bits, d) : UnsignedQuotient(x, size, (ulong)d);
            result = isRemainder ? Minus(size, x, TimesConstant(size, quotient, d)) : quotient;
        }

        Begin(X64Op.Move, size);
        _inst.Flags = MachineInstFlags.Move;
        Use(result);
        Define(i);
        return true;
    }

    private int UnsignedQuotient(int x, int size, ulong d)
    {
        int log = 64 - BitOperations.LeadingZeroCount(d);   // d < 2^log, and no power of two
        if (size == 4)
        {
            // m = ceil(2^(32 + log) / d) has 33 bits; half of it does where the error stays small enough.
            ulong power = 1UL << (31 + log);
            ulong m = (power / d) + 1;
            if (log <= 31 && (m * d) - power <= 1UL << (log - 1) && m <= uint.MaxValue)
            {
                int product = Binary(X64Op.Multiply, 8, 0, x, Immediate((long)m));
                return ShiftBy(ShiftKind.ShiftRight, 8, product, 31 + log);
            }

            return High(x, (long)((ulong.MaxValue / d) + 1), isSigned: false);
        }

        // m = floor(2^(64 + log) / d) + 1, minus 2^64; the shorter one where it is precise enough.
        UInt128 shorter = UInt128.One << (63 + log);
        UInt128 candidate = (shorter / d) + 1;
        if (candidate <= ulong.MaxValue && (candidate * d) - shorter <= UInt128.One << (log - 1))
        {
            return ShiftBy(ShiftKind.ShiftRight, 8, High(x, (long)(ulong)candidate, isSigned: false), log - 1);
        }

        // 2^(64 + log) does not fit 128 bits for log = 64, so 2^log - d takes its place: m - 2^64 = floor(2^64 (2^log - d) / d) + 1.
        UInt128 rest = (UInt128.One << log) - d;
        int t = High(x, (long)(ulong)(((rest << 64) / d) + 1), isSigned: false);
        int half = ShiftBy(ShiftKind.ShiftRight, 8, Minus(8, x, t), 1);
        return ShiftBy(ShiftKind.ShiftRight, 8, Binary(X64Op.Alu, 8, (int)AluKind.Add, half, t), log - 1);
    }

    private int SignedQuotient(int x, int size, int bits, long d)
    {
        (Int128 m, int shift) = SignedMultiplier(d, bits);
        int q;
        if (size == 4)
        {
            int wide = NewVreg(RegisterClass.Integer);
            Begin(X64Op.Unary, 8, (int)UnaryKind.Extend32);
            Use(x);
            Add(Operand.Def(wide));
            End();
            int product = Binary(X64Op.Multiply, 8, 0, wide, Immediate((long)m));
            q = ShiftBy(ShiftKind.ShiftRightSigned, 8, product, 32 + shift);
        }
        else
        {
            q = High(x, (long)m, isSigned: true);
            if (m > long.MaxValue)
            {
                q = Binary(X64Op.Alu, 8, (int)AluKind.Add, q, x);
            }

            q = ShiftBy(ShiftKind.ShiftRightSigned, 8, q, shift);
        }

        int sign = ShiftBy(ShiftKind.ShiftRightSigned, size, x, bits - 1);   // -1 for a negative x
        return d < 0 ? Minus(size, sign, q) : Minus(size, q, sign);
    }

    // The least p with 2^p > nc * (|d| - 2^p mod |d|): then m = (2^p + |d| - 2^p mod |d|) / |d|. Warren, figure 10-1, in 128 bits.
    private static (Int128 Multiplier, int Shift) SignedMultiplier(long d, int bits)
    {
        UInt128 magnitude = (UInt128)Int128.Abs(d);
        UInt128 t = (UInt128.One << (bits - 1)) + (d < 0 ? 1u : 0u);
        UInt128 limit = t - 1 - (t % magnitude);
        int p = bits;
        UInt128 power;
        while (true)
        {
            power = UInt128.One << p;
            UInt128 error = magnitude - (power % magnitude);
            if (power > limit * error)
            {
                return ((Int128)((power + error) / magnitude), p - bits);
            }

            p++;
        }
    }

    private int SignedQuotientOfPower(int x, int size, int log, bool negative)
    {
        int q = log == 0 ? x : ShiftBy(ShiftKind.ShiftRightSigned, size, TowardsZero(x, size, log, out _), log);
        return negative ? Minus(size, Immediate(0), q) : q;
    }

    private int SignedRemainderOfPower(int x, int size, int log)
    {
        if (log == 0)
        {
            return Immediate(0);
        }

        int sum = TowardsZero(x, size, log, out int bias);
        return Minus(size, MaskLow(sum, size, log), bias);
    }

    // x, plus 2^log - 1 where x is negative.
    private int TowardsZero(int x, int size, int log, out int bias)
    {
        int bits = size * 8;
        int sign = log == 1 ? x : ShiftBy(ShiftKind.ShiftRightSigned, size, x, bits - 1);
        bias = ShiftBy(ShiftKind.ShiftRight, size, sign, bits - log);
        return Binary(X64Op.Alu, size, (int)AluKind.Add, x, bias);
    }

    private int MaskLow(int x, int size, int log)
    {
        long mask = (long)((1UL << log) - 1);
        if (mask == uint.MaxValue)
        {
            return UnaryOf(X64Op.Unary, 4, (int)UnaryKind.ZeroUpper, x);
        }

        if (mask > int.MaxValue)
        {
            return Binary(X64Op.Alu, size, (int)AluKind.And, x, Immediate(mask));
        }

        int result = NewVreg(RegisterClass.Integer);
        Begin(X64Op.AluImmediate, size, (int)AluKind.And, mask);
        Use(x);
        Add(Operand.DefSameAs(result, 0));
        End();
        return result;
    }

    // ---- instructions with a new result ----

    private int Immediate(long value)
    {
        int vreg = NewVreg(RegisterClass.Integer);
        Begin(X64Op.LoadImmediate, 8, 0, value);
        _inst.Flags = MachineInstFlags.Rematerializable;
        Add(Operand.Def(vreg));
        End();
        return vreg;
    }

    private int UnaryOf(X64Op op, int size, int condition, int x)
    {
        int result = NewVreg(RegisterClass.Integer);
        Begin(op, size, condition);
        Use(x);
        Add(Operand.Def(result));
        End();
        return result;
    }

    private int Binary(X64Op op, int size, int condition, int x, int y)
    {
        int result = NewVreg(RegisterClass.Integer);
        Begin(op, size, condition);
        bool commutes = op == X64Op.Multiply || (AluKind)condition != AluKind.Sub;
        _inst.Flags = commutes ? MachineInstFlags.Commutative : 0;
        Use(x);
        UseAny(y);
        Add(Operand.DefSameAs(result, 0));
        End();
        return result;
    }

    private int Minus(int size, int x, int y) => Binary(X64Op.Alu, size, (int)AluKind.Sub, x, y);

    private int TimesConstant(int size, int x, long factor)
    {
        if (factor != (int)factor && size == 8)
        {
            return Binary(X64Op.Multiply, 8, 0, x, Immediate(factor));
        }

        int result = NewVreg(RegisterClass.Integer);
        Begin(X64Op.MultiplyImmediate, size, 0, (int)factor);
        Use(x);
        Add(Operand.Def(result));
        End();
        return result;
    }

    private int ShiftBy(ShiftKind kind, int size, int x, int count)
    {
        if (count == 0)
        {
            return x;
        }

        int result = NewVreg(RegisterClass.Integer);
        Begin(X64Op.ShiftImmediate, size, (int)kind, count);
        Use(x);
        Add(Operand.DefSameAs(result, 0));
        End();
        return result;
    }

    private int High(int x, long factor, bool isSigned)
    {
        int m = Immediate(factor);
        int result = NewVreg(RegisterClass.Integer);
        Begin(X64Op.MultiplyHigh, 8, isSigned ? 1 : 0);
        Add(Operand.UseFixed(m, MachineRegister.Rax));
        Use(x);
        Add(Operand.DefFixed(result, MachineRegister.Rdx));
        SetClobbers(1u << (int)MachineRegister.Rax);
        End();
        return result;
    }
}
