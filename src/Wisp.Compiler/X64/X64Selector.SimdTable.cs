using Wisp.Wasm.Binary;
using static Wisp.Compiler.X64.X64VectorOp;
using static Wisp.Wasm.Binary.Opcode;

namespace Wisp.Compiler.X64;

// WebAssembly's vector instructions that one of the machine's does.
internal sealed partial class X64Selector
{
    /// <summary>The machine instruction of a vector instruction.</summary>
    /// <param name="Exists">Whether there is one.</param>
    /// <param name="Op">Which.</param>
    /// <param name="Immediate">Its immediate.</param>
    /// <param name="Commutes">Whether its operands may change places.</param>
    /// <param name="Swaps">Whether its first operand is WebAssembly's second.</param>
    /// <param name="ReadsAll">Of one with a single operand: whether it reads all 16 bytes of it.</param>
    private readonly record struct DirectVector(
        bool Exists, X64VectorOp Op, int Immediate = 0, bool Commutes = false, bool Swaps = false, bool ReadsAll = false);

    // A class of its own: static fields of a partial class are initialized in no order that the language promises.
    private static class DirectTable
    {
        public static readonly DirectVector[] Rows = MakeDirects();
    }

    private static bool TryDirect(Opcode opcode, out DirectVector direct)
    {
        direct = DirectTable.Rows[opcode - V128Load];
        return direct.Exists;
    }

    private static DirectVector[] MakeDirects()
    {
        var table = new DirectVector[I32x4RelaxedDotI8x16I7x16AddS - V128Load + 1];
        foreach ((Opcode opcode, X64VectorOp op) in Commuting)
        {
            table[opcode - V128Load] = new DirectVector(true, op, Commutes: true);
        }

        foreach ((Opcode opcode, X64VectorOp op) in Ordered2)
        {
            table[opcode - V128Load] = new DirectVector(true, op);
        }

        foreach ((Opcode opcode, X64VectorOp op) in Swapped2)
        {
            table[opcode - V128Load] = new DirectVector(true, op, Swaps: true);
        }

        foreach ((Opcode opcode, X64VectorOp op, int immediate, bool readsAll) in OneOperand)
        {
            table[opcode - V128Load] = new DirectVector(true, op, immediate, ReadsAll: readsAll);
        }

        foreach ((Opcode opcode, X64VectorOp op, int predicate, bool swaps) in FloatComparisons)
        {
            table[opcode - V128Load] = new DirectVector(true, op, predicate, Swaps: swaps);
        }

        return table;
    }

    private static readonly (Opcode Opcode, X64VectorOp Op)[] Commuting =
    [
        (V128And, Pand), (V128Or, Por), (V128Xor, Pxor),
        (I8x16Add, Paddb), (I16x8Add, Paddw), (I32x4Add, Paddd), (I64x2Add, Paddq),
        (I8x16AddSatS, Paddsb), (I16x8AddSatS, Paddsw), (I8x16AddSatU, Paddusb), (I16x8AddSatU, Paddusw),
        (I16x8Mul, Pmullw), (I32x4Mul, Pmulld), (I32x4DotI16x8S, Pmaddwd),
        (I8x16MinS, Pminsb), (I16x8MinS, Pminsw), (I32x4MinS, Pminsd), (I8x16MinU, Pminub), (I16x8MinU, Pminuw), (I32x4MinU, Pminud),
        (I8x16MaxS, Pmaxsb), (I16x8MaxS, Pmaxsw), (I32x4MaxS, Pmaxsd), (I8x16MaxU, Pmaxub), (I16x8MaxU, Pmaxuw), (I32x4MaxU, Pmaxud),
        (I8x16AvgrU, Pavgb), (I16x8AvgrU, Pavgw),
        (I8x16Eq, Pcmpeqb), (I16x8Eq, Pcmpeqw), (I32x4Eq, Pcmpeqd), (I64x2Eq, Pcmpeqq),
        (F32x4Add, Addps), (F64x2Add, Addpd), (F32x4Mul, Mulps), (F64x2Mul, Mulpd),
    ];

    private static readonly (Opcode Opcode, X64VectorOp Op)[] Ordered2 =
    [
        (I8x16Sub, Psubb), (I16x8Sub, Psubw), (I32x4Sub, Psubd), (I64x2Sub, Psubq),
        (I8x16SubSatS, Psubsb), (I16x8SubSatS, Psubsw), (I8x16SubSatU, Psubusb), (I16x8SubSatU, Psubusw),
        (I8x16GtS, Pcmpgtb), (I16x8GtS, Pcmpgtw), (I32x4GtS, Pcmpgtd), (I64x2GtS, Pcmpgtq),
        (I8x16NarrowI16x8S, Packsswb), (I8x16NarrowI16x8U, Packuswb), (I16x8NarrowI32x4S, Packssdw), (I16x8NarrowI32x4U, Packusdw),
        (F32x4Sub, Subps), (F64x2Sub, Subpd), (F32x4Div, Divps), (F64x2Div, Divpd),
    ];

    // pmin(a, b) is b < a ? b : a; minps(x, y) is x < y ? x : y.
    private static readonly (Opcode Opcode, X64VectorOp Op)[] Swapped2 =
    [
        (V128Andnot, Pandn),
        (I8x16LtS, Pcmpgtb), (I16x8LtS, Pcmpgtw), (I32x4LtS, Pcmpgtd), (I64x2LtS, Pcmpgtq),
        (F32x4Pmin, Minps), (F64x2Pmin, Minpd), (F32x4Pmax, Maxps), (F64x2Pmax, Maxpd),
    ];

    private const int NoInexact = 8;   // of a rounding mode: raises no exception, and takes the mode from the other bits

    private static readonly (Opcode Opcode, X64VectorOp Op, int Immediate, bool ReadsAll)[] OneOperand =
    [
        (I8x16Abs, Pabsb, 0, true), (I16x8Abs, Pabsw, 0, true), (I32x4Abs, Pabsd, 0, true),
        (I16x8ExtendLowI8x16S, Pmovsxbw, 0, false), (I16x8ExtendLowI8x16U, Pmovzxbw, 0, false),
        (I32x4ExtendLowI16x8S, Pmovsxwd, 0, false), (I32x4ExtendLowI16x8U, Pmovzxwd, 0, false),
        (I64x2ExtendLowI32x4S, Pmovsxdq, 0, false), (I64x2ExtendLowI32x4U, Pmovzxdq, 0, false),
        (F32x4Sqrt, Sqrtps, 0, true), (F64x2Sqrt, Sqrtpd, 0, true),
        (F32x4Nearest, Roundps, NoInexact, true), (F64x2Nearest, Roundpd, NoInexact, true),
        (F32x4Floor, Roundps, NoInexact | 1, true), (F64x2Floor, Roundpd, NoInexact | 1, true),
        (F32x4Ceil, Roundps, NoInexact | 2, true), (F64x2Ceil, Roundpd, NoInexact | 2, true),
        (F32x4Trunc, Roundps, NoInexact | 3, true), (F64x2Trunc, Roundpd, NoInexact | 3, true),
        (F32x4ConvertI32x4S, Cvtdq2ps, 0, true), (F64x2ConvertLowI32x4S, Cvtdq2pd, 0, false),
        (F64x2PromoteLowF32x4, Cvtps2pd, 0, false), (F32x4DemoteF64x2Zero, Cvtpd2ps, 0, true),
    ];

    // Predicates of cmpps: 0 equal, 1 less, 2 less or equal, 4 not equal or unordered.
    private static readonly (Opcode Opcode, X64VectorOp Op, int Predicate, bool Swaps)[] FloatComparisons =
    [
        (F32x4Eq, Cmpps, 0, false), (F32x4Ne, Cmpps, 4, false), (F32x4Lt, Cmpps, 1, false), (F32x4Gt, Cmpps, 1, true),
        (F32x4Le, Cmpps, 2, false), (F32x4Ge, Cmpps, 2, true),
        (F64x2Eq, Cmppd, 0, false), (F64x2Ne, Cmppd, 4, false), (F64x2Lt, Cmppd, 1, false), (F64x2Gt, Cmppd, 1, true),
        (F64x2Le, Cmppd, 2, false), (F64x2Ge, Cmppd, 2, true),
    ];
}
