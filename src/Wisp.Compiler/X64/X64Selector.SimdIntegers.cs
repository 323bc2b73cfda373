using Wisp.Wasm.Binary;
using static Wisp.Compiler.X64.X64VectorOp;

namespace Wisp.Compiler.X64;

// Integer lanes: what takes more than one instruction.
internal sealed partial class X64Selector
{
    private static readonly UInt128 BitsOfNibble = new(0x0403_0302_0302_0201, 0x0302_0201_0201_0100);

    private void Not(int a, int into) => VectorConst(Pxor, a, UInt128.MaxValue, into: into);

    private bool TryIntegerUnary(Opcode opcode, int a, int into)
    {
        switch (opcode)
        {
            case Opcode.V128Not:
                Not(a, into);
                return true;
            case Opcode.I8x16Neg:
                Vector(Psubb, ZeroVector(), a, into: into);
                return true;
            case Opcode.I16x8Neg:
                Vector(Psubw, ZeroVector(), a, into: into);
                return true;
            case Opcode.I32x4Neg:
                Vector(Psubd, ZeroVector(), a, into: into);
                return true;
            case Opcode.I64x2Neg:
                Vector(Psubq, ZeroVector(), a, into: into);
                return true;
            case Opcode.I64x2Abs:
                {
                    int sign = Vector(Pcmpgtq, ZeroVector(), a);
                    Vector(Psubq, Vector(Pxor, a, sign), sign, into: into);
                    return true;
                }

            case Opcode.I8x16Popcnt:
                {
                    int low = VectorConst(Pand, a, Lanes8(0x0F));
                    int high = VectorConst(Pand, ShiftLanes(PsrlwImmediate, a, 4), Lanes8(0x0F));
                    int lowBits = Vector(Pshufb, VectorConstant(BitsOfNibble), low);
                    int highBits = Vector(Pshufb, VectorConstant(BitsOfNibble), high);
                    Vector(Paddb, lowBits, highBits, into: into, commutes: true);
                    return true;
                }

            default:
                return TryExtend(opcode, a, into);
        }
    }

    private bool TryExtend(Opcode opcode, int a, int into)
    {
        switch (opcode)
        {
            case Opcode.I16x8ExtendHighI8x16S:
                Vector1(Pmovsxbw, Vector1(Pshufd, a, UpperHalf), into: into);
                return true;
            case Opcode.I32x4ExtendHighI16x8S:
                Vector1(Pmovsxwd, Vector1(Pshufd, a, UpperHalf), into: into);
                return true;
            case Opcode.I64x2ExtendHighI32x4S:
                Vector1(Pmovsxdq, Vector1(Pshufd, a, UpperHalf), into: into);
                return true;
            case Opcode.I16x8ExtendHighI8x16U:
                Vector(Punpckhbw, a, ZeroVector(), into: into);
                return true;
            case Opcode.I32x4ExtendHighI16x8U:
                Vector(Punpckhwd, a, ZeroVector(), into: into);
                return true;
            case Opcode.I64x2ExtendHighI32x4U:
                Vector(Punpckhdq, a, ZeroVector(), into: into);
                return true;

            // pmaddubsw takes its first operand as unsigned, its second as signed.
            case Opcode.I16x8ExtaddPairwiseI8x16S:
                Vector(Pmaddubsw, VectorConstant(Lanes8(1)), a, into: into);
                return true;
            case Opcode.I16x8ExtaddPairwiseI8x16U:
                VectorConst(Pmaddubsw, a, Lanes8(1), into: into);
                return true;
            case Opcode.I32x4ExtaddPairwiseI16x8S:
                VectorConst(Pmaddwd, a, Lanes16(1), into: into);
                return true;
            case Opcode.I32x4ExtaddPairwiseI16x8U:
                {
                    // As signed numbers that are 2^15 less; both of a pair together are then 2^16 short.
                    int less = VectorConst(Pxor, a, Lanes16(0x8000));
                    VectorConst(Paddd, VectorConst(Pmaddwd, less, Lanes16(1)), Lanes32(0x1_0000), into: into);
                    return true;
                }

            default:
                return false;
        }
    }

    // x <= y where x is the smaller of both, x >= y where it is the larger; the strict ones of unsigned numbers are their opposites.
    private bool TryComparison(Opcode opcode, int a, int second, int into)
    {
        (X64VectorOp choose, X64VectorOp equal, bool inverts) = opcode switch
        {
            Opcode.I8x16LeS => (Pminsb, Pcmpeqb, false),
            Opcode.I8x16LeU => (Pminub, Pcmpeqb, false),
            Opcode.I8x16GeS => (Pmaxsb, Pcmpeqb, false),
            Opcode.I8x16GeU => (Pmaxub, Pcmpeqb, false),
            Opcode.I8x16LtU => (Pmaxub, Pcmpeqb, true),
            Opcode.I8x16GtU => (Pminub, Pcmpeqb, true),
            Opcode.I16x8LeS => (Pminsw, Pcmpeqw, false),
            Opcode.I16x8LeU => (Pminuw, Pcmpeqw, false),
            Opcode.I16x8GeS => (Pmaxsw, Pcmpeqw, false),
            Opcode.I16x8GeU => (Pmaxuw, Pcmpeqw, false),
            Opcode.I16x8LtU => (Pmaxuw, Pcmpeqw, true),
            Opcode.I16x8GtU => (Pminuw, Pcmpeqw, true),
            Opcode.I32x4LeS => (Pminsd, Pcmpeqd, false),
            Opcode.I32x4LeU => (Pminud, Pcmpeqd, false),
            Opcode.I32x4GeS => (Pmaxsd, Pcmpeqd, false),
            Opcode.I32x4GeU => (Pmaxud, Pcmpeqd, false),
            Opcode.I32x4LtU => (Pmaxud, Pcmpeqd, true),
            Opcode.I32x4GtU => (Pminud, Pcmpeqd, true),
            _ => (Pxor, Pxor, false),
        };
        if (choose != Pxor)
        {
            int chosen = VectorWith(choose, a, second, commutes: true);
            int holds = Vector(equal, chosen, a, into: inverts ? None : into, commutes: true);
            if (inverts)
            {
                Not(holds, into);
            }

            return true;
        }

        (X64VectorOp opposite, bool swaps) = opcode switch
        {
            Opcode.I8x16Ne => (Pcmpeqb, false),
            Opcode.I16x8Ne => (Pcmpeqw, false),
            Opcode.I32x4Ne => (Pcmpeqd, false),
            Opcode.I64x2Ne => (Pcmpeqq, false),
            Opcode.I64x2LeS => (Pcmpgtq, false),
            Opcode.I64x2GeS => (Pcmpgtq, true),
            _ => (Pxor, false),
        };
        if (opposite == Pxor)
        {
            return false;
        }

        Not(swaps ? Vector(opposite, Value(second), a) : VectorWith(opposite, a, second), into);
        return true;
    }

    private bool TryIntegerBinary(Opcode opcode, int a, int b, int into)
    {
        switch (opcode)
        {
            case Opcode.I64x2Mul:
                {
                    // (ah 2^32 + al)(bh 2^32 + bl) = al bl + 2^32 (ah bl + al bh), modulo 2^64
                    int crossA = Vector(Pmuludq, ShiftLanes(PsrlqImmediate, a, 32), b);
                    int crossB = Vector(Pmuludq, ShiftLanes(PsrlqImmediate, b, 32), a);
                    int cross = ShiftLanes(PsllqImmediate, Vector(Paddq, crossA, crossB, commutes: true), 32);
                    Vector(Paddq, cross, Vector(Pmuludq, a, b, commutes: true), into: into, commutes: true);
                    return true;
                }

            case Opcode.I16x8Q15mulrSatS:
                {
                    // Only -1 times -1 comes out wrong, as 0x8000 instead of 0x7fff.
                    int product = Vector(Pmulhrsw, a, b, commutes: true);
                    Vector(Pxor, product, VectorConst(Pcmpeqw, product, Lanes16(0x8000)), into: into, commutes: true);
                    return true;
                }

            case Opcode.I16x8RelaxedDotI8x16I7x16S:
                {
                    // Signed by signed: the sums of two products fit 32 bits, and packing saturates the only one that is too large.
                    int low = Vector(Pmaddwd, Vector1(Pmovsxbw, a), Vector1(Pmovsxbw, b), commutes: true);
                    int highA = Vector1(Pmovsxbw, Vector1(Pshufd, a, UpperHalf));
                    int highB = Vector1(Pmovsxbw, Vector1(Pshufd, b, UpperHalf));
                    Vector(Packssdw, low, Vector(Pmaddwd, highA, highB, commutes: true), into: into);
                    return true;
                }

            default:
                return TryExtendedMultiply(opcode, a, b, into);
        }
    }

    private bool TryExtendedMultiply(Opcode opcode, int a, int b, int into)
    {
        switch (opcode)
        {
            case Opcode.I16x8ExtmulLowI8x16S:
                Vector(Pmullw, Vector1(Pmovsxbw, a), Vector1(Pmovsxbw, b), into: into, commutes: true);
                return true;
            case Opcode.I16x8ExtmulLowI8x16U:
                Vector(Pmullw, Vector1(Pmovzxbw, a), Vector1(Pmovzxbw, b), into: into, commutes: true);
                return true;
            case Opcode.I16x8ExtmulHighI8x16S:
                {
                    int x = Vector1(Pmovsxbw, Vector1(Pshufd, a, UpperHalf));
                    int y = Vector1(Pmovsxbw, Vector1(Pshufd, b, UpperHalf));
                    Vector(Pmullw, x, y, into: into, commutes: true);
                    return true;
                }

            case Opcode.I16x8ExtmulHighI8x16U:
                {
                    int x = Vector(Punpckhbw, a, ZeroVector());
                    int y = Vector(Punpckhbw, b, ZeroVector());
                    Vector(Pmullw, x, y, into: into, commutes: true);
                    return true;
                }

            case Opcode.I32x4ExtmulLowI16x8S:
                MultiplyHalves(Pmulhw, Punpcklwd, a, b, into);
                return true;
            case Opcode.I32x4ExtmulLowI16x8U:
                MultiplyHalves(Pmulhuw, Punpcklwd, a, b, into);
                return true;
            case Opcode.I32x4ExtmulHighI16x8S:
                MultiplyHalves(Pmulhw, Punpckhwd, a, b, into);
                return true;
            case Opcode.I32x4ExtmulHighI16x8U:
                MultiplyHalves(Pmulhuw, Punpckhwd, a, b, into);
                return true;
            case Opcode.I64x2ExtmulLowI32x4S:
                MultiplyWords(Pmuldq, SpreadLow, a, b, into);
                return true;
            case Opcode.I64x2ExtmulLowI32x4U:
                MultiplyWords(Pmuludq, SpreadLow, a, b, into);
                return true;
            case Opcode.I64x2ExtmulHighI32x4S:
                MultiplyWords(Pmuldq, SpreadHigh, a, b, into);
                return true;
            case Opcode.I64x2ExtmulHighI32x4U:
                MultiplyWords(Pmuludq, SpreadHigh, a, b, into);
                return true;
            default:
                return false;
        }
    }

    // Lanes 0 0 1 1, and 2 2 3 3: pmuludq multiplies the even ones.
    private const int SpreadLow = 0x50;
    private const int SpreadHigh = 0xFA;

    private void MultiplyHalves(X64VectorOp high, X64VectorOp unpack, int a, int b, int into)
    {
        int lowHalves = Vector(Pmullw, a, b, commutes: true);
        Vector(unpack, lowHalves, Vector(high, a, b, commutes: true), into: into);
    }

    private void MultiplyWords(X64VectorOp multiply, int spread, int a, int b, int into)
    {
        int x = Vector1(Pshufd, a, spread);
        Vector(multiply, x, Vector1(Pshufd, b, spread), into: into, commutes: true);
    }
}
