using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Wasm.Binary;

namespace Wisp.Compiler.X64;

// Vectors. What one machine instruction does stands in a table (X64Selector.SimdTable.cs); the rest are sequences, built from these:
//
//   Vector(op, a, b)         op with two registers, or a register and a slot
//   VectorConst(op, a, c)    op with a constant of the pool as its second operand
//   Vector1(op, a)           op with one operand
//
// Each gives a new virtual register, unless "into" names the one to fill.
//
// 1. With AVX every instruction has a register for its result, and reads memory without alignment. Without, the result takes over the
//    first operand, and neither a slot nor a load of 16 bytes is ever a memory operand: only the pool is aligned.
// 2. A memory operand reads as many bytes as the load that it stands for: a load of more would trap where that one does.
internal sealed partial class X64Selector
{
    private bool HasAvx => (_features & CpuFeatures.Avx) != 0;

    private bool HasAvx2 => (_features & CpuFeatures.Avx2) != 0;

    private int NewVector() => NewVreg(RegisterClass.Vector);

    private void BeginVector(X64VectorOp op, int immediate = 0) =>
        Begin((X64Op)(X64VectorOps.First + (int)op), 0, 0, immediate);

    /// <summary>A use that may be read from its slot, where memory needs no alignment. A float's slot is narrower than the read.</summary>
    private void UseVector(int vreg)
    {
        if (HasAvx && _machine.Classes[vreg] == RegisterClass.Vector)
        {
            UseAny(vreg);
        }
        else
        {
            Use(vreg);
        }
    }

    private int DefineVector(int into)
    {
        int vreg = into == None ? NewVector() : into;
        Add(HasAvx ? Operand.Def(vreg) : Operand.DefSameAs(vreg, 0));
        End();
        return vreg;
    }

    private int Vector(X64VectorOp op, int a, int b, int immediate = 0, int into = None, bool commutes = false)
    {
        BeginVector(op, immediate);
        _inst.Flags = commutes && !HasAvx ? MachineInstFlags.Commutative : 0;
        Use(a);
        UseVector(b);
        return DefineVector(into);
    }

    private int VectorConst(X64VectorOp op, int a, UInt128 constant, int immediate = 0, int into = None)
    {
        BeginVector(op, immediate);
        _inst.BaseOperand = MachineInst.ConstantBase;
        _inst.Displacement = Constant(constant);
        Use(a);
        return DefineVector(into);
    }

    private int Vector1(X64VectorOp op, int a, int immediate = 0, int into = None)
    {
        int vreg = into == None ? NewVector() : into;
        BeginVector(op, immediate);
        UseVector(a);
        Add(Operand.Def(vreg));
        End();
        return vreg;
    }

    private int ShiftLanes(X64VectorOp op, int a, int count, int into = None)
    {
        BeginVector(op, count);
        Use(a);
        return DefineVector(into);
    }

    private int VectorConstant(UInt128 bits)
    {
        int vreg = NewVector();
        if (bits == UInt128.Zero)
        {
            Begin(X64Op.LoadZeroFloat);
        }
        else if (bits == UInt128.MaxValue)
        {
            Begin(X64Op.LoadOnes);
        }
        else
        {
            Begin(X64Op.LoadConstant, 16, 0, Constant(bits));
        }

        _inst.Flags = MachineInstFlags.Rematerializable;
        Add(Operand.Def(vreg));
        End();
        return vreg;
    }

    private int ZeroVector() => VectorConstant(UInt128.Zero);

    private static UInt128 Lanes8(byte value) => Lanes64(value * 0x0101_0101_0101_0101ul);

    private static UInt128 Lanes16(ushort value) => Lanes64(value * 0x0001_0001_0001_0001ul);

    private static UInt128 Lanes32(uint value) => Lanes64(value * 0x0000_0001_0000_0001ul);

    private static UInt128 Lanes64(ulong value) => new(value, value);

    private static UInt128 Lanes64(double value) => Lanes64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A vector instruction on a register and a value, which may be a constant.</summary>
    private int VectorWith(X64VectorOp op, int a, int value, int into = None, bool commutes = false) => IsPooled(value)
        ? VectorConst(op, a, _ssa.Vectors[_ssa.Insts[value].A], into: into)
        : Vector(op, a, Value(value), into: into, commutes: commutes);

    private bool IsPooled(int value) => _ssa.Insts[value].Op == Op.ConstVector && _ssa.Vectors[_ssa.Insts[value].A] != UInt128.Zero;

    /// <summary>A vector instruction on two values: the second may be a constant, or the load that was folded into it.</summary>
    private void VectorOfValues(X64VectorOp op, int left, int right, int immediate, int into, bool commutes)
    {
        if (commutes && (_fused[left] || (IsPooled(left) && !_fused[right] && !IsPooled(right))))
        {
            (left, right) = (right, left);
        }

        if (_fused[right])
        {
            SelectedAddress address = AddressOfLoad(right);
            int x = Value(left);
            BeginVector(op, immediate);
            Use(x);
            AddLoad(right, address);
            DefineVector(into);
        }
        else if (IsPooled(right))
        {
            VectorConst(op, Value(left), _ssa.Vectors[_ssa.Insts[right].A], immediate, into);
        }
        else
        {
            int a = Value(left);
            Vector(op, a, Value(right), immediate, into, commutes);
        }
    }

    private void VectorOfValue(X64VectorOp op, int value, int immediate, int into)
    {
        if (_fused[value])
        {
            SelectedAddress address = AddressOfLoad(value);
            BeginVector(op, immediate);
            AddLoad(value, address);
            Add(Operand.Def(into));
            End();
        }
        else
        {
            Vector1(op, Value(value), immediate, into);
        }
    }

    private void SelectVectorUnary(int i, in Inst inst)
    {
        var opcode = (Opcode)inst.D;
        int into = VregOf(i);
        if (TryDirect(opcode, out DirectVector direct))
        {
            VectorOfValue(direct.Op, inst.A, direct.Immediate, into);
            return;
        }

        switch (opcode)
        {
            case >= Opcode.I8x16Splat and <= Opcode.F64x2Splat:
                SelectSplat(opcode, inst.A, into);
                break;
            case Opcode.V128AnyTrue or Opcode.I8x16AllTrue or Opcode.I16x8AllTrue or Opcode.I32x4AllTrue or Opcode.I64x2AllTrue:
                BeginVectorTest(X64Op.VectorTestSet, i, inverted: false);
                Define(i);
                break;
            case Opcode.I8x16Bitmask or Opcode.I16x8Bitmask or Opcode.I32x4Bitmask or Opcode.I64x2Bitmask:
                SelectBitmask(i, opcode, Value(inst.A));
                break;
            case Opcode.I8x16ExtractLaneS or Opcode.I8x16ExtractLaneU or Opcode.I16x8ExtractLaneS or Opcode.I16x8ExtractLaneU
                or Opcode.I32x4ExtractLane or Opcode.I64x2ExtractLane or Opcode.F32x4ExtractLane or Opcode.F64x2ExtractLane:
                SelectExtract(i, opcode, inst.A, inst.C);
                break;
            default:
                if (!TryIntegerUnary(opcode, Value(inst.A), into))
                {
                    SelectFloatUnary(opcode, Value(inst.A), into);
                }

                break;
        }
    }

    private void SelectVectorBinary(int i, in Inst inst)
    {
        var opcode = (Opcode)inst.D;
        int into = VregOf(i);
        if (TryDirect(opcode, out DirectVector direct))
        {
            (int left, int right) = direct.Swaps ? (inst.B, inst.A) : (inst.A, inst.B);
            VectorOfValues(direct.Op, left, right, direct.Immediate, into, direct.Commutes);
            return;
        }

        switch (opcode)
        {
            case Opcode.I8x16Shuffle:
                SelectShuffle(inst.A, inst.B, _ssa.Vectors[inst.C], into);
                break;
            case Opcode.I8x16Swizzle:
                SelectSwizzle(inst.A, inst.B, into);
                break;
            case Opcode.I8x16ReplaceLane or Opcode.I16x8ReplaceLane or Opcode.I32x4ReplaceLane or Opcode.I64x2ReplaceLane
                or Opcode.F32x4ReplaceLane or Opcode.F64x2ReplaceLane:
                SelectReplace(opcode, inst.A, inst.B, inst.C, into);
                break;
            case Opcode.I8x16Shl or Opcode.I8x16ShrS or Opcode.I8x16ShrU or Opcode.I16x8Shl or Opcode.I16x8ShrS or Opcode.I16x8ShrU
                or Opcode.I32x4Shl or Opcode.I32x4ShrS or Opcode.I32x4ShrU or Opcode.I64x2Shl or Opcode.I64x2ShrS or Opcode.I64x2ShrU:
                SelectVectorShift(opcode, inst.A, inst.B, into);
                break;
            default:
                {
                    int a = Value(inst.A);
                    if (TryComparison(opcode, a, inst.B, into))
                    {
                        break;
                    }

                    int b = Value(inst.B);
                    if (!TryIntegerBinary(opcode, a, b, into))
                    {
                        SelectFloatBinary(opcode, a, b, into);
                    }

                    break;
                }
        }
    }

    // Where the mask is a comparison, each byte of it is all or nothing, as a blend by bytes wants it.
    private void SelectBitselect(int i, in Inst inst)
    {
        int a = Value(inst.A);
        int b = Value(inst.B);
        int mask = Value(inst.C);
        if (HasAvx && IsLaneMask(_ssa.Insts[inst.C]))
        {
            BeginBlend(b, a, mask);
            DefineVector(VregOf(i));
            return;
        }

        int ones = Vector(X64VectorOp.Pand, a, mask);
        int zeros = Vector(X64VectorOp.Pandn, mask, b);
        Vector(X64VectorOp.Por, ones, zeros, into: VregOf(i), commutes: true);
    }

    private void BeginBlend(int whereClear, int whereSet, int mask)
    {
        BeginVector(X64VectorOp.Vpblendvb);
        Use(whereClear);
        UseVector(whereSet);
        Use(mask);
    }

    private static bool IsLaneMask(in Inst inst) => inst.Op == Op.VectorBinary
        && (Opcode)inst.D is (>= Opcode.I8x16Eq and <= Opcode.F64x2Ge) or (>= Opcode.I64x2Eq and <= Opcode.I64x2GeS);

    private static bool IsVectorTest(in Inst inst) => inst.Op == Op.VectorUnary
        && (Opcode)inst.D is Opcode.V128AnyTrue or Opcode.I8x16AllTrue or Opcode.I16x8AllTrue or Opcode.I32x4AllTrue or Opcode.I64x2AllTrue;

    // ptest sets ZF when the operands have no bit in common. A vector has all lanes true when comparing it with zero leaves none.
    private void BeginVectorTest(X64Op op, int test, bool inverted)
    {
        ref Inst inst = ref _ssa.Insts[test];
        int left;
        int right;
        X64Condition condition = X64Condition.NotEqual;
        if ((Opcode)inst.D != Opcode.V128AnyTrue)
        {
            X64VectorOp compare = (Opcode)inst.D switch
            {
                Opcode.I8x16AllTrue => X64VectorOp.Pcmpeqb,
                Opcode.I16x8AllTrue => X64VectorOp.Pcmpeqw,
                Opcode.I32x4AllTrue => X64VectorOp.Pcmpeqd,
                _ => X64VectorOp.Pcmpeqq,
            };
            left = Vector(compare, ZeroVector(), Value(inst.A));
            right = left;
            condition = X64Condition.Equal;
        }
        else if (_fused[inst.A])
        {
            left = Value(_ssa.Insts[inst.A].A);
            right = Value(_ssa.Insts[inst.A].B);
        }
        else
        {
            left = Value(inst.A);
            right = left;
        }

        Begin(op, 0, (int)condition ^ (inverted ? 1 : 0));
        Use(left);
        Use(right);
    }

    // ---- folding ----

    private void FoldVectorOperands(in Inst inst, int at)
    {
        var opcode = (Opcode)inst.D;
        if (opcode == Opcode.V128AnyTrue)
        {
            if (HasOneUserHere(inst.A, at) && _ssa.Insts[inst.A].Op == Op.VectorBinary && (Opcode)_ssa.Insts[inst.A].D == Opcode.V128And)
            {
                Fold(inst.A, at);
            }
        }
        else if (opcode is >= Opcode.I8x16Splat and <= Opcode.F64x2Splat)
        {
            int bytes = LaneBytesOf(opcode);
            if (bytes == 8 || (bytes == 4 ? HasAvx : HasAvx2))
            {
                FoldLaneLoad(inst.A, at, bytes);
            }
        }
        else if (opcode.Immediates() == ImmediateKind.Lane && inst.Op == Op.VectorBinary)
        {
            FoldLaneLoad(inst.B, at, LaneBytesOf(opcode));
        }
        else if (HasAvx && TryDirect(opcode, out DirectVector direct))
        {
            if (inst.Op == Op.VectorUnary)
            {
                _ = direct.ReadsAll && FoldLoad(inst.A, at);
            }
            else if (!FoldLoad(direct.Swaps ? inst.A : inst.B, at) && direct.Commutes)
            {
                FoldLoad(inst.A, at);
            }
        }
    }

    private static int LaneBytesOf(Opcode opcode) => opcode switch
    {
        Opcode.I8x16Splat or Opcode.I8x16ReplaceLane => 1,
        Opcode.I16x8Splat or Opcode.I16x8ReplaceLane => 2,
        Opcode.I32x4Splat or Opcode.F32x4Splat or Opcode.I32x4ReplaceLane or Opcode.F32x4ReplaceLane => 4,
        _ => 8,
    };

    private void FoldLaneLoad(int value, int at, int bytes)
    {
        ref Inst inst = ref _ssa.Insts[value];
        int loaded = (MemoryAccess)inst.Flags switch
        {
            MemoryAccess.U8 or MemoryAccess.S8 => 1,
            MemoryAccess.U16 or MemoryAccess.S16 => 2,
            MemoryAccess.Full => SizeOf(inst.Type),
            _ => 0,
        };
        if (HasOneUserHere(value, at) && IsLoad(inst.Op) && loaded == bytes && CanFoldLoad(value, at))
        {
            Fold(value, at);
        }
    }

    // A store of what extract_lane takes out of a vector.
    private void FoldLane(int store, in Inst inst)
    {
        int value = inst.B;
        if (!HasOneUserHere(value, store) || _ssa.Insts[value].Op != Op.VectorUnary)
        {
            return;
        }

        var access = (MemoryAccess)inst.Flags;
        bool fits = (Opcode)_ssa.Insts[value].D switch
        {
            Opcode.I8x16ExtractLaneS or Opcode.I8x16ExtractLaneU => access is MemoryAccess.U8 or MemoryAccess.S8,
            Opcode.I16x8ExtractLaneS or Opcode.I16x8ExtractLaneU => access is MemoryAccess.U16 or MemoryAccess.S16,
            Opcode.I32x4ExtractLane or Opcode.I64x2ExtractLane => access == MemoryAccess.Full,
            _ => false,
        };
        if (fits)
        {
            Fold(value, store);
        }
    }
}
