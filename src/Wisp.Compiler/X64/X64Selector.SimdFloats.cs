using Wisp.Wasm.Binary;
using static Wisp.Compiler.X64.X64VectorOp;

namespace Wisp.Compiler.X64;

// Float lanes: signs, minimum and maximum as WebAssembly has them, conversions.
internal sealed partial class X64Selector
{
    private const int Unordered = 3;           // predicate of cmpps
    private const int LessOrEqual = 2;
    private const int SinglePayloadBits = 10;  // bits of an f32 above the payload of the canonical NaN, and of an f64
    private const int DoublePayloadBits = 13;
    private const double TwoTo52 = 4503599627370496.0;

    private void SelectFloatUnary(Opcode opcode, int a, int into)
    {
        switch (opcode)
        {
            case Opcode.F32x4Abs:
                VectorConst(Andps, a, Lanes32(0x7FFF_FFFF), into: into);
                break;
            case Opcode.F64x2Abs:
                VectorConst(Andps, a, Lanes64(0x7FFF_FFFF_FFFF_FFFF), into: into);
                break;
            case Opcode.F32x4Neg:
                VectorConst(Xorps, a, Lanes32(0x8000_0000), into: into);
                break;
            case Opcode.F64x2Neg:
                VectorConst(Xorps, a, Lanes64(0x8000_0000_0000_0000), into: into);
                break;
            case Opcode.F32x4ConvertI32x4U:
                ConvertUnsigned(a, into);
                break;
            case Opcode.F64x2ConvertLowI32x4U:
                {
                    // 0x43300000 above an integer makes the double that is 2^52 more.
                    int more = VectorConst(Unpcklps, a, Lanes32(0x4330_0000));
                    VectorConst(Subpd, more, Lanes64(TwoTo52), into: into);
                    break;
                }

            case Opcode.I32x4TruncSatF32x4S:
                TruncateSigned(a, into);
                break;
            case Opcode.I32x4TruncSatF32x4U:
                TruncateUnsigned(a, into);
                break;
            case Opcode.I32x4TruncSatF64x2SZero:
                {
                    // The limit is zero where the number is no number: minpd then gives its second operand. What is too small
                    // converts to the smallest anyhow.
                    int isNumber = Vector(Cmppd, a, a);
                    int limit = VectorConst(Andps, isNumber, Lanes64((double)int.MaxValue));
                    Vector1(Cvttpd2dq, Vector(Minpd, a, limit), into: into);
                    break;
                }

            case Opcode.I32x4TruncSatF64x2UZero:
                {
                    // Within [0, 2^32 - 1] and whole, a double plus 2^52 has the integer in its lowest bits.
                    int positive = Vector(Maxpd, a, ZeroVector());
                    int limited = VectorConst(Minpd, positive, Lanes64((double)uint.MaxValue));
                    int whole = Vector1(Roundpd, limited, NoInexact | 3);
                    int more = VectorConst(Addpd, whole, Lanes64(TwoTo52));
                    Vector(Shufps, more, ZeroVector(), 0x88, into);
                    break;
                }

            default:
                throw new InvalidOperationException($"no selection for {opcode.Text()}");
        }
    }

    private void SelectFloatBinary(Opcode opcode, int a, int b, int into)
    {
        switch (opcode)
        {
            case Opcode.F32x4Min:
                Minimum(Minps, Cmpps, PsrldImmediate, SinglePayloadBits, a, b, into);
                break;
            case Opcode.F64x2Min:
                Minimum(Minpd, Cmppd, PsrlqImmediate, DoublePayloadBits, a, b, into);
                break;
            case Opcode.F32x4Max:
                Maximum(Maxps, Subps, Cmpps, PsrldImmediate, SinglePayloadBits, a, b, into);
                break;
            case Opcode.F64x2Max:
                Maximum(Maxpd, Subpd, Cmppd, PsrlqImmediate, DoublePayloadBits, a, b, into);
                break;
            default:
                throw new InvalidOperationException($"no selection for {opcode.Text()}");
        }
    }

    // minps gives its second operand for NaN and for two zeros, so it is asked both ways: of the two answers one has the NaN, or the
    // sign of -0, and or keeps it. What is NaN then becomes the canonical one: all ones, and without payload.
    private void Minimum(X64VectorOp min, X64VectorOp compare, X64VectorOp shift, int payload, int a, int b, int into)
    {
        int either = Vector(Orps, Vector(min, a, b), Vector(min, b, a), commutes: true);
        int isNan = Vector(compare, a, b, Unordered);   // of the operands: so it need not wait for the minimum
        int withNan = Vector(Orps, either, isNan, commutes: true);
        Vector(Andnps, ShiftLanes(shift, isNan, payload), withNan, into: into);
    }

    // As above; but +0 wins over -0: where the answers differ in the sign alone, subtracting the difference, which is -0, leaves +0.
    private void Maximum(
        X64VectorOp max, X64VectorOp subtract, X64VectorOp compare, X64VectorOp shift, int payload, int a, int b, int into)
    {
        int first = Vector(max, a, b);
        int difference = Vector(Xorps, first, Vector(max, b, a), commutes: true);
        int either = Vector(Orps, first, difference, commutes: true);
        int quiet = Vector(subtract, either, difference);
        int isNan = Vector(compare, a, b, Unordered);
        Vector(Andnps, ShiftLanes(shift, isNan, payload), quiet, into: into);
    }

    // The lower 16 bits convert exactly; the others do once halved; only the last addition rounds.
    private void ConvertUnsigned(int a, int into)
    {
        int low = Vector(Pblendw, ZeroVector(), a, 0x55);
        int highHalf = ShiftLanes(PsrldImmediate, Vector(Psubd, a, low), 1);
        int half = Vector1(Cvtdq2ps, highHalf);
        Vector(Addps, Vector(Addps, half, half), Vector1(Cvtdq2ps, low), into: into);
    }

    private void TruncateSigned(int a, int into)
    {
        int isNumber = Vector(Cmpps, a, a);
        int number = Vector(Andps, a, isNumber);
        int whole = Vector1(Cvttps2dq, number);

        // Too large: a number that is not negative gave the smallest integer. Then all its bits flip.
        int notNegative = Vector(Pxor, isNumber, number, commutes: true);
        int tooLarge = ShiftLanes(PsradImmediate, Vector(Pand, notNegative, whole, commutes: true), 31);
        Vector(Pxor, whole, tooLarge, into: into, commutes: true);
    }

    private void TruncateUnsigned(int a, int into)
    {
        int number = Vector(Maxps, a, ZeroVector());   // zero for what is no number, too
        UInt128 twoTo31 = Lanes32(0x4F00_0000);
        int above = VectorConst(Subps, number, twoTo31);

        // What is 2^31 or more above 2^31 is too large: its conversion, the smallest integer, becomes the largest.
        int tooLarge = Vector(Cmpps, VectorConstant(twoTo31), above, LessOrEqual);
        int upper = Vector(Pxor, Vector1(Cvttps2dq, above), tooLarge, commutes: true);
        int rest = Vector(Pmaxsd, upper, ZeroVector());
        Vector(Paddd, Vector1(Cvttps2dq, number), rest, into: into, commutes: true);
    }
}
