using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Wasm.Binary;
using static Wisp.Compiler.X64.X64VectorOp;

namespace Wisp.Compiler.X64;

// Shifts of lanes. The machine has none of bytes, and no arithmetic one of 64 bits to the right; and where WebAssembly takes the number
// of bits modulo the width of a lane, the machine takes all of it.
internal sealed partial class X64Selector
{
    private readonly record struct LaneShift(int Width, ShiftKind Kind, X64VectorOp Immediate, X64VectorOp Variable);

    private static LaneShift ShiftOf(Opcode opcode) => opcode switch
    {
        Opcode.I8x16Shl => new(8, ShiftKind.ShiftLeft, PsllwImmediate, Psllw),
        Opcode.I8x16ShrS => new(8, ShiftKind.ShiftRightSigned, PsrlwImmediate, Psraw),
        Opcode.I8x16ShrU => new(8, ShiftKind.ShiftRight, PsrlwImmediate, Psrlw),
        Opcode.I16x8Shl => new(16, ShiftKind.ShiftLeft, PsllwImmediate, Psllw),
        Opcode.I16x8ShrS => new(16, ShiftKind.ShiftRightSigned, PsrawImmediate, Psraw),
        Opcode.I16x8ShrU => new(16, ShiftKind.ShiftRight, PsrlwImmediate, Psrlw),
        Opcode.I32x4Shl => new(32, ShiftKind.ShiftLeft, PslldImmediate, Pslld),
        Opcode.I32x4ShrS => new(32, ShiftKind.ShiftRightSigned, PsradImmediate, Psrad),
        Opcode.I32x4ShrU => new(32, ShiftKind.ShiftRight, PsrldImmediate, Psrld),
        Opcode.I64x2Shl => new(64, ShiftKind.ShiftLeft, PsllqImmediate, Psllq),
        Opcode.I64x2ShrS => new(64, ShiftKind.ShiftRightSigned, PsrlqImmediate, Psrlq),
        _ => new(64, ShiftKind.ShiftRight, PsrlqImmediate, Psrlq),
    };

    private void SelectVectorShift(Opcode opcode, int value, int count, int into)
    {
        LaneShift shift = ShiftOf(opcode);
        int a = Value(value);
        if (_ssa.Insts[count].Op == Op.Const)
        {
            ShiftByConstant(shift, a, (int)ConstantOf(count) & (shift.Width - 1), into);
            return;
        }

        int bits = NewVreg(RegisterClass.Integer);
        int number = Value(count);
        Begin(X64Op.AluImmediate, 4, (int)AluKind.And, shift.Width - 1);
        Use(number);
        Add(Operand.DefSameAs(bits, 0));
        End();
        if (shift.Width == 8)
        {
            ShiftBytes(shift, a, bits, into);
            return;
        }

        int by = FromInteger(bits, false);
        if (shift is { Width: 64, Kind: ShiftKind.ShiftRightSigned })
        {
            int sign = Vector(Psrlq, VectorConstant(Lanes64(1ul << 63)), by);
            ExtendSign(Vector(Psrlq, a, by), sign, into);
        }
        else
        {
            Vector(shift.Variable, a, by, into: into);
        }
    }

    // What was shifted in from the left is zeros; where the bit that was the sign is, flipping and subtracting it makes them its copies.
    private void ExtendSign(int shifted, int sign, int into) => Vector(Psubq, Vector(Pxor, shifted, sign, commutes: true), sign, into: into);

    private void ShiftByConstant(in LaneShift shift, int a, int count, int into)
    {
        bool isSigned = shift.Kind == ShiftKind.ShiftRightSigned;
        if (count == 0)
        {
            CopyVector(a, into);
        }
        else if (isSigned && count == shift.Width - 1 && shift.Width is 8 or 64)
        {
            Vector(shift.Width == 8 ? Pcmpgtb : Pcmpgtq, ZeroVector(), a, into: into);
        }
        else if (shift.Width == 8)
        {
            ShiftBytesByConstant(shift, a, count, into);
        }
        else if (isSigned && shift.Width == 64)
        {
            UInt128 sign = Lanes64(1ul << (63 - count));
            int flipped = VectorConst(Pxor, ShiftLanes(PsrlqImmediate, a, count), sign);
            VectorConst(Psubq, flipped, sign, into: into);
        }
        else
        {
            ShiftLanes(shift.Immediate, a, count, into);
        }
    }

    private void ShiftBytesByConstant(in LaneShift shift, int a, int count, int into)
    {
        if (shift.Kind == ShiftKind.ShiftLeft)
        {
            if (count == 1)
            {
                Vector(Paddb, a, a, into: into);
            }
            else
            {
                VectorConst(Pand, ShiftLanes(PsllwImmediate, a, count), Lanes8((byte)(0xFF << count)), into: into);
            }

            return;
        }

        bool isSigned = shift.Kind == ShiftKind.ShiftRightSigned;
        int kept = VectorConst(Pand, ShiftLanes(PsrlwImmediate, a, count), Lanes8((byte)(0xFF >> count)), into: isSigned ? None : into);
        if (isSigned)
        {
            UInt128 sign = Lanes8((byte)(0x80 >> count));
            VectorConst(Psubb, VectorConst(Pxor, kept, sign), sign, into: into);
        }
    }

    private void ShiftBytes(in LaneShift shift, int a, int bits, int into)
    {
        int more = NewVreg(RegisterClass.Integer);
        Begin(X64Op.AluImmediate, 4, (int)AluKind.Add, 8);
        _inst.Flags = MachineInstFlags.PrefersTied;
        Use(bits);
        Add(Operand.Def(more));
        End();
        int byMore = FromInteger(more, false);
        if (shift.Kind == ShiftKind.ShiftRightSigned)
        {
            // Each byte in the upper half of a word of its own.
            int low = Vector(Psraw, Vector(Punpcklbw, a, a), byMore);
            int high = Vector(Psraw, Vector(Punpckhbw, a, a), byMore);
            Vector(Packsswb, low, high, into: into);
            return;
        }

        int by = FromInteger(bits, false);
        int words = Vector(Psrlw, VectorConstant(UInt128.MaxValue), byMore);
        int mask = Vector(Packuswb, words, words);   // 0xff >> bits in each byte
        if (shift.Kind == ShiftKind.ShiftLeft)
        {
            Vector(Psllw, Vector(Pand, a, mask, commutes: true), by, into: into);
        }
        else
        {
            Vector(Pand, Vector(Psrlw, a, by), mask, into: into, commutes: true);
        }
    }
}
