using Wisp.Compiler.Ir;

namespace Wisp.Compiler.X64;

// i8x16.shuffle and swizzle. Lanes 0 to 15 are the first operand's, 16 to 31 the second's. From the cheapest:
//
//   one operand     pshufd, palignr with itself, pshuflw, pshufhw, punpck with itself, a broadcast; else pshufb with a constant
//   two operands    punpck, palignr, pblendw, shufps, vpblendvb; with a vector of zeros pshufb; else two pshufb and por
internal sealed partial class X64Selector
{
    private const int VectorBytes = 16;
    private const int NoLane = 0x80;   // of pshufb: zero

    private static readonly X64VectorOp[] UnpackLow =
        [X64VectorOp.Punpcklbw, X64VectorOp.Punpcklwd, X64VectorOp.Punpckldq, X64VectorOp.Punpcklqdq];

    private static readonly X64VectorOp[] UnpackHigh =
        [X64VectorOp.Punpckhbw, X64VectorOp.Punpckhwd, X64VectorOp.Punpckhdq, X64VectorOp.Punpckhqdq];

    private static void LanesOf(UInt128 bits, Span<byte> lanes)
    {
        for (int i = 0; i < VectorBytes; i++)
        {
            lanes[i] = (byte)(bits >> (8 * i));
        }
    }

    private static UInt128 BytesOf(ReadOnlySpan<byte> lanes)
    {
        UInt128 bits = UInt128.Zero;
        for (int i = 0; i < VectorBytes; i++)
        {
            bits |= (UInt128)lanes[i] << (8 * i);
        }

        return bits;
    }

    private void SelectSwizzle(int value, int lanes, int into)
    {
        int a = Value(value);
        if (_ssa.Insts[lanes].Op == Op.ConstVector)
        {
            Span<byte> mask = stackalloc byte[VectorBytes];
            LanesOf(_ssa.Vectors[_ssa.Insts[lanes].A], mask);
            foreach (ref byte lane in mask)
            {
                lane = lane < VectorBytes ? lane : (byte)NoLane;
            }

            VectorConst(X64VectorOp.Pshufb, a, BytesOf(mask), into: into);
            return;
        }

        // Adding 0x70 with saturation sets the top bit of each number past 15, which pshufb takes for zero.
        int numbers = VectorConst(X64VectorOp.Paddusb, Value(lanes), Lanes8(0x70));
        Vector(X64VectorOp.Pshufb, a, numbers, into: into);
    }

    private void SelectShuffle(int first, int second, UInt128 bits, int into)
    {
        Span<byte> lanes = stackalloc byte[VectorBytes];
        LanesOf(bits, lanes);
        if (first == second)
        {
            ShuffleOne(Value(first), lanes, into);
        }
        else if (IsZeroVector(first) || IsZeroVector(second))
        {
            ShuffleWithZero(first, second, lanes, into);
        }
        else
        {
            int a = Value(first);
            ShuffleTwo(a, Value(second), lanes, into);
        }
    }

    private bool IsZeroVector(int value) =>
        _ssa.Insts[value].Op == Op.ConstVector && _ssa.Vectors[_ssa.Insts[value].A] == UInt128.Zero;

    private void ShuffleWithZero(int first, int second, Span<byte> lanes, int into)
    {
        bool zeroIsFirst = IsZeroVector(first);
        foreach (ref byte lane in lanes)
        {
            bool isZero = lane < VectorBytes == zeroIsFirst;
            lane = isZero ? (byte)NoLane : (byte)(lane % VectorBytes);
        }

        VectorConst(X64VectorOp.Pshufb, Value(zeroIsFirst ? second : first), BytesOf(lanes), into: into);
    }

    private void ShuffleOne(int a, ReadOnlySpan<byte> lanes, int into)
    {
        Span<byte> wide = stackalloc byte[VectorBytes];
        if (TryWiden(lanes, 4, wide))
        {
            Vector1(X64VectorOp.Pshufd, a, Selector(wide[..4]), into);
        }
        else if (IsRun(lanes, lanes[0], VectorBytes - 1))
        {
            Vector(X64VectorOp.Palignr, a, a, lanes[0], into);
        }
        else if (TryWiden(lanes, 2, wide) && IsRun(wide[4..8], 4, -1) && AreAll(wide[..4], 0, 4))
        {
            Vector1(X64VectorOp.Pshuflw, a, Selector(wide[..4]), into);
        }
        else if (TryWiden(lanes, 2, wide) && IsRun(wide[..4], 0, -1) && AreAll(wide[4..8], 4, 8))
        {
            Vector1(X64VectorOp.Pshufhw, a, Selector(wide[4..8]), into);
        }
        else if (HasAvx2 && AreAll(lanes, 0, 1))
        {
            Vector1(X64VectorOp.Vpbroadcastb, a, into: into);
        }
        else if (HasAvx2 && TryWiden(lanes, 2, wide) && AreAll(wide[..8], 0, 1))
        {
            Vector1(X64VectorOp.Vpbroadcastw, a, into: into);
        }
        else if (!TryUnpack(a, a, lanes, VectorBytes - 1, into))
        {
            VectorConst(X64VectorOp.Pshufb, a, BytesOf(lanes), into: into);
        }
    }

    private void ShuffleTwo(int a, int b, ReadOnlySpan<byte> lanes, int into)
    {
        Span<byte> wide = stackalloc byte[VectorBytes];
        if (TryUnpack(a, b, lanes, (2 * VectorBytes) - 1, into))
        {
            return;
        }

        if (IsRun(lanes, lanes[0], (2 * VectorBytes) - 1))
        {
            // The first operand of palignr is the upper half of what it shifts.
            (int high, int low) = lanes[0] < VectorBytes ? (b, a) : (a, b);
            Vector(X64VectorOp.Palignr, high, low, lanes[0] % VectorBytes, into);
            return;
        }

        if (TryWiden(lanes, 2, wide) && TryBlend(wide[..8], out int fromSecond))
        {
            Vector(X64VectorOp.Pblendw, a, b, fromSecond, into);
            return;
        }

        if (TryWiden(lanes, 4, wide) && wide[0] / 4 == wide[1] / 4 && wide[2] / 4 == wide[3] / 4)
        {
            int low = wide[0] < 4 ? a : b;
            int high = wide[2] < 4 ? a : b;
            for (int i = 0; i < 4; i++)
            {
                wide[i] %= 4;
            }

            Vector(X64VectorOp.Shufps, low, high, Selector(wide[..4]), into);
            return;
        }

        Span<byte> mask = stackalloc byte[VectorBytes];
        if (HasAvx && TryBlendBytes(lanes, mask))
        {
            BeginBlend(a, b, VectorConstant(BytesOf(mask)));
            DefineVector(into);
            return;
        }

        for (int i = 0; i < VectorBytes; i++)
        {
            mask[i] = lanes[i] < VectorBytes ? lanes[i] : (byte)NoLane;
        }

        int fromA = VectorConst(X64VectorOp.Pshufb, a, BytesOf(mask));
        for (int i = 0; i < VectorBytes; i++)
        {
            mask[i] = lanes[i] < VectorBytes ? (byte)NoLane : (byte)(lanes[i] - VectorBytes);
        }

        int fromB = VectorConst(X64VectorOp.Pshufb, b, BytesOf(mask));
        Vector(X64VectorOp.Por, fromA, fromB, into: into, commutes: true);
    }

    /// <summary>The lanes as numbers of lanes of some bytes, if they are whole ones.</summary>
    private static bool TryWiden(ReadOnlySpan<byte> lanes, int bytes, Span<byte> wide)
    {
        for (int i = 0; i < VectorBytes; i += bytes)
        {
            if (lanes[i] % bytes != 0 || !IsRun(lanes.Slice(i, bytes), lanes[i], -1))
            {
                return false;
            }

            wide[i / bytes] = (byte)(lanes[i] / bytes);
        }

        return true;
    }

    private static bool IsRun(ReadOnlySpan<byte> lanes, int first, int wrap)
    {
        for (int i = 0; i < lanes.Length; i++)
        {
            if (lanes[i] != ((first + i) & wrap))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreAll(ReadOnlySpan<byte> lanes, int from, int end)
    {
        foreach (byte lane in lanes)
        {
            if (lane < from || lane >= end)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Four numbers of two bits each.</summary>
    private static int Selector(ReadOnlySpan<byte> lanes) =>
        (lanes[0] & 3) | ((lanes[1] & 3) << 2) | ((lanes[2] & 3) << 4) | ((lanes[3] & 3) << 6);

    private static bool TryBlend(ReadOnlySpan<byte> words, out int fromSecond)
    {
        fromSecond = 0;
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] % 8 != i)
            {
                return false;
            }

            fromSecond |= words[i] / 8 << i;
        }

        return true;
    }

    // Each byte stays where it is: the mask chooses from which operand.
    private static bool TryBlendBytes(ReadOnlySpan<byte> lanes, Span<byte> mask)
    {
        for (int i = 0; i < VectorBytes; i++)
        {
            if (lanes[i] % VectorBytes != i)
            {
                return false;
            }

            mask[i] = lanes[i] < VectorBytes ? (byte)0 : byte.MaxValue;
        }

        return true;
    }

    // a0 b0 a1 b1 ..., of the lower halves or of the upper ones; "mask" leaves of a number what distinguishes it here.
    private bool TryUnpack(int a, int b, ReadOnlySpan<byte> lanes, int mask, int into)
    {
        for (int log = 0; log < 4; log++)
        {
            for (int variant = 0; variant < 4; variant++)
            {
                bool isHigh = (variant & 1) != 0;
                bool isSwapped = (variant & 2) != 0;
                if (IsUnpack(lanes, 1 << log, isHigh, isSwapped, mask))
                {
                    Vector((isHigh ? UnpackHigh : UnpackLow)[log], isSwapped ? b : a, isSwapped ? a : b, into: into);
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsUnpack(ReadOnlySpan<byte> lanes, int bytes, bool isHigh, bool isSwapped, int mask)
    {
        for (int i = 0; i < VectorBytes; i++)
        {
            int pair = i / (2 * bytes);
            bool isSecond = (i / bytes % 2 != 0) != isSwapped;
            int lane = (isHigh ? 8 : 0) + (pair * bytes) + (i % bytes) + (isSecond ? VectorBytes : 0);
            if (lanes[i] != (lane & mask))
            {
                return false;
            }
        }

        return true;
    }
}
