using Wisp.Compiler.Ir;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Translation;

// Vectors. Most instructions are one operation of the same name. These are not:
//
//   a load of a lane, or of one number for all lanes      a scalar load, and replace_lane or splat; selection puts the two together
//   a store of a lane                                     extract_lane and a scalar store, likewise
//   a relaxed instruction                                 what the specification's deterministic profile makes of it
internal sealed partial class FunctionTranslator
{
    private const Opcode FirstVectorOpcode = Opcode.V128Load;
    private const Opcode LastVectorOpcode = Opcode.I32x4RelaxedDotI8x16I7x16AddS;
    private const SsaType V128 = SsaType.V128;

    // Of the sixteen lane numbers of a shuffle: the lane within its operand, and whether that is the second.
    private static readonly UInt128 LaneBits = new(0x0F0F_0F0F_0F0F_0F0F, 0x0F0F_0F0F_0F0F_0F0F);
    private static readonly UInt128 SecondBits = new(0x1010_1010_1010_1010, 0x1010_1010_1010_1010);
    private static readonly UInt128 IdentityLanes = new(0x0F0E_0D0C_0B0A_0908, 0x0706_0504_0302_0100);

    private static readonly UInt128 SignBits = new(0x8000_0000_8000_0000, 0x8000_0000_8000_0000);

    private readonly Dictionary<UInt128, int> _vectors = [];   // where in SsaFunction.Vectors

    // Declared locals start as zero; the constant stands in the entry block, like those of the other types.
    private void MakeZeroVector()
    {
        if (_localTypes.Span[_ssa.Type.Parameters.Length..].Contains(V128))
        {
            _zeros[(int)V128] = ConstVector(UInt128.Zero);
        }
    }

    private int VectorIndex(UInt128 bits)
    {
        if (!_vectors.TryGetValue(bits, out int index))
        {
            index = _ssa.Vectors.Add(bits);
            _vectors.Add(bits, index);
        }

        return index;
    }

    private int ConstVector(UInt128 bits) => Pure(Op.ConstVector, V128, VectorIndex(bits));

    private bool TryConstVector(int value, out UInt128 bits)
    {
        ref Inst inst = ref _ssa.Insts[value];
        bool isConstant = inst.Op == Op.ConstVector;
        bits = isConstant ? _ssa.Vectors[inst.A] : UInt128.Zero;
        return isConstant;
    }

    private void TranslateVector(ref Instruction instruction)
    {
        Opcode opcode = instruction.Opcode;
        switch (opcode)
        {
            case Opcode.V128Const:
                Push(ConstVector(instruction.Vector));
                break;
            case <= Opcode.V128Store or (>= Opcode.V128Load8Lane and <= Opcode.V128Load64Zero):
                TranslateVectorMemory(ref instruction);
                break;
            case Opcode.I8x16Shuffle:
                {
                    int right = Pop();
                    Push(Shuffle(Pop(), right, instruction.Vector));
                    break;
                }

            case >= Opcode.I8x16RelaxedSwizzle:
                TranslateRelaxed(opcode);
                break;
            default:
                TranslateVectorOperation(opcode, instruction.Lane);
                break;
        }
    }

    private void TranslateVectorOperation(Opcode opcode, int lane)
    {
        int immediate = opcode.Immediates() == ImmediateKind.Lane ? lane : 0;
        switch (opcode.Signature().PopCount)
        {
            case 1:
                Push(VectorUnary(opcode, Pop(), immediate));
                break;
            case 2:
                {
                    int right = Pop();
                    Push(VectorBinary(opcode, Pop(), right, immediate));
                    break;
                }

            default:
                {
                    int c = Pop();
                    int b = Pop();
                    Push(Pure(Op.VectorTernary, V128, Pop(), b, c, (int)opcode));
                    break;
                }
        }
    }

    private int VectorUnary(Opcode opcode, int a, int lane = 0)
    {
        if (TryConstantSplat(opcode, a, out UInt128 bits))
        {
            return ConstVector(bits);
        }

        // The machine converts signed numbers at once, and these are not negative.
        opcode = opcode switch
        {
            Opcode.F32x4ConvertI32x4U when HasClearSigns(a) => Opcode.F32x4ConvertI32x4S,
            Opcode.F64x2ConvertLowI32x4U when HasClearSigns(a) => Opcode.F64x2ConvertLowI32x4S,
            _ => opcode,
        };
        return Pure(Op.VectorUnary, SsaTypeOf(opcode.Signature().Push(ValType.I32)), a, c: lane, d: (int)opcode);
    }

    /// <summary>Whether lanes of 32 bits are surely not negative.</summary>
    private bool HasClearSigns(int value)
    {
        ref Inst inst = ref _ssa.Insts[value];
        return inst.Op switch
        {
            Op.Load or Op.LoadAt => (MemoryAccess)inst.Flags == MemoryAccess.U16x4,
            Op.VectorUnary => (Opcode)inst.D is Opcode.I32x4ExtendLowI16x8U or Opcode.I32x4ExtendHighI16x8U,
            Op.VectorBinary when (Opcode)inst.D == Opcode.I32x4ShrU => TryConstant(inst.B, out long count) && (count & 31) != 0,
            Op.VectorBinary when (Opcode)inst.D == Opcode.V128And =>
                (TryConstVector(inst.A, out UInt128 bits) || TryConstVector(inst.B, out bits)) && (bits & SignBits) == UInt128.Zero,
            _ => false,
        };
    }

    private int VectorBinary(Opcode opcode, int a, int b, int immediate = 0)
    {
        switch (opcode)
        {
            case Opcode.V128And or Opcode.V128Or when a == b:
                return a;
            case Opcode.V128Or or Opcode.V128Xor when TryByteRotation(a, b, out int rotated, out UInt128 moved):
                return Shuffle(rotated, rotated, moved);
            case Opcode.V128Xor when a == b:
                return ConstVector(UInt128.Zero);
            case Opcode.I8x16Swizzle when TryConstVector(b, out UInt128 lanes) && AreLanes(lanes):
                return Shuffle(a, a, lanes);
            default:
                return Pure(Op.VectorBinary, V128, a, b, immediate, (int)opcode);
        }
    }

    // (x << 8 n) | (x >> (width - 8 n)) moves whole bytes around in each lane.
    private bool TryByteRotation(int a, int b, out int value, out UInt128 lanes)
    {
        ref Inst left = ref _ssa.Insts[a];
        ref Inst right = ref _ssa.Insts[b];
        if (left.Op == Op.VectorBinary && (Opcode)left.D is Opcode.I16x8ShrU or Opcode.I32x4ShrU or Opcode.I64x2ShrU)
        {
            left = ref _ssa.Insts[b];
            right = ref _ssa.Insts[a];
        }

        (Opcode opposite, int bytes) = left.Op != Op.VectorBinary ? (Opcode.Nop, 0) : (Opcode)left.D switch
        {
            Opcode.I16x8Shl => (Opcode.I16x8ShrU, 2),
            Opcode.I32x4Shl => (Opcode.I32x4ShrU, 4),
            Opcode.I64x2Shl => (Opcode.I64x2ShrU, 8),
            _ => (Opcode.Nop, 0),
        };
        value = left.A;
        lanes = UInt128.Zero;
        int width = 8 * bytes;
        if (bytes == 0 || right.Op != Op.VectorBinary || (Opcode)right.D != opposite || right.A != value
            || !TryConstant(left.B, out long up) || !TryConstant(right.B, out long down))
        {
            return false;
        }

        int shift = (int)up & (width - 1);
        if (shift % 8 != 0 || shift + ((int)down & (width - 1)) != width)
        {
            return false;
        }

        for (int i = 0; i < 16; i++)
        {
            int lane = i / bytes * bytes;
            lanes |= (UInt128)(uint)(lane + ((i + bytes - (shift / 8)) % bytes)) << (8 * i);
        }

        return true;
    }

    private static bool AreLanes(UInt128 bytes) => (bytes & ~LaneBits) == UInt128.Zero;

    private bool TryConstantSplat(Opcode opcode, int a, out UInt128 bits)
    {
        ref Inst inst = ref _ssa.Insts[a];
        int width = opcode switch
        {
            Opcode.I8x16Splat => 8,
            Opcode.I16x8Splat => 16,
            Opcode.I32x4Splat or Opcode.F32x4Splat => 32,
            Opcode.I64x2Splat or Opcode.F64x2Splat => 64,
            _ => 0,
        };
        bits = UInt128.Zero;
        if (width == 0 || inst.Op != Op.Const)
        {
            return false;
        }

        ulong lane = ((uint)inst.A | ((ulong)(uint)inst.B << 32)) & (ulong.MaxValue >> (64 - width));
        for (int at = 0; at < 128; at += width)
        {
            bits |= (UInt128)lane << at;
        }

        return true;
    }

    // Lanes that come from one operand only name it as the first, and as both.
    private int Shuffle(int a, int b, UInt128 lanes)
    {
        UInt128 fromSecond = lanes & SecondBits;
        if (a == b || fromSecond == UInt128.Zero || fromSecond == SecondBits)
        {
            a = fromSecond == SecondBits ? b : a;
            lanes &= LaneBits;
            ref Inst inner = ref _ssa.Insts[a];
            if (inner.Op == Op.VectorBinary && (Opcode)inner.D == Opcode.I8x16Shuffle && inner.A == inner.B)
            {
                lanes = Composed(_ssa.Vectors[inner.C], lanes);
                a = inner.A;
            }

            b = a;
        }

        return a == b && lanes == IdentityLanes ? a : Pure(Op.VectorBinary, V128, a, b, VectorIndex(lanes), (int)Opcode.I8x16Shuffle);
    }

    // What the outer shuffle takes of what the inner one took.
    private static UInt128 Composed(UInt128 inner, UInt128 outer)
    {
        UInt128 lanes = UInt128.Zero;
        for (int i = 0; i < 16; i++)
        {
            int from = (int)(uint)(outer >> (8 * i)) & 15;
            lanes |= ((inner >> (8 * from)) & 15) << (8 * i);
        }

        return lanes;
    }

    private void TranslateVectorMemory(ref Instruction instruction)
    {
        Opcode opcode = instruction.Opcode;
        switch (opcode)
        {
            case Opcode.V128Load:
                Push(EmitLoad(instruction, Pop(), V128, MemoryAccess.Full, 16));
                break;
            case >= Opcode.V128Load8x8S and <= Opcode.V128Load32x2U:
                Push(EmitLoad(instruction, Pop(), V128, (MemoryAccess)((int)MemoryAccess.S8x8 + (int)opcode - (int)Opcode.V128Load8x8S), 8));
                break;
            case Opcode.V128Load32Zero:
                Push(EmitLoad(instruction, Pop(), V128, MemoryAccess.U32, 4));
                break;
            case Opcode.V128Load64Zero:
                Push(EmitLoad(instruction, Pop(), V128, MemoryAccess.U64, 8));
                break;
            case >= Opcode.V128Load8Splat and <= Opcode.V128Load64Splat:
                {
                    (SsaType type, MemoryAccess access, int bytes, Opcode splat) = opcode switch
                    {
                        Opcode.V128Load8Splat => (I32, MemoryAccess.U8, 1, Opcode.I8x16Splat),
                        Opcode.V128Load16Splat => (I32, MemoryAccess.U16, 2, Opcode.I16x8Splat),
                        Opcode.V128Load32Splat => (F32, MemoryAccess.Full, 4, Opcode.F32x4Splat),
                        _ => (F64, MemoryAccess.Full, 8, Opcode.F64x2Splat),
                    };
                    Push(VectorUnary(splat, EmitLoad(instruction, Pop(), type, access, bytes)));
                    break;
                }

            case Opcode.V128Store:
                {
                    int value = Pop();
                    EmitStore(instruction, Pop(), value, MemoryAccess.Full, 16);
                    break;
                }

            default:
                TranslateLaneAccess(ref instruction);
                break;
        }
    }

    private void TranslateLaneAccess(ref Instruction instruction)
    {
        Opcode opcode = instruction.Opcode;
        bool isStore = opcode >= Opcode.V128Store8Lane;
        (SsaType type, MemoryAccess access, int bytes, Opcode extract, Opcode replace) =
            (opcode - (isStore ? Opcode.V128Store8Lane : Opcode.V128Load8Lane)) switch
            {
                0 => (I32, MemoryAccess.U8, 1, Opcode.I8x16ExtractLaneU, Opcode.I8x16ReplaceLane),
                1 => (I32, MemoryAccess.U16, 2, Opcode.I16x8ExtractLaneU, Opcode.I16x8ReplaceLane),
                2 => (I32, MemoryAccess.Full, 4, Opcode.I32x4ExtractLane, Opcode.I32x4ReplaceLane),
                _ => (I64, MemoryAccess.Full, 8, Opcode.I64x2ExtractLane, Opcode.I64x2ReplaceLane),
            };
        int vector = Pop();
        int address = Pop();
        if (isStore)
        {
            EmitStore(instruction, address, VectorUnary(extract, vector, instruction.Lane), access, bytes);
        }
        else
        {
            Push(VectorBinary(replace, vector, EmitLoad(instruction, address, type, access, bytes), instruction.Lane));
        }
    }

    // The deterministic profile: https://webassembly.github.io/spec/core/appendix/profiles.html
    private void TranslateRelaxed(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.F32x4RelaxedMadd or Opcode.F32x4RelaxedNmadd or Opcode.F64x2RelaxedMadd or Opcode.F64x2RelaxedNmadd:
                {
                    // Not fused: the product is rounded. -(a * b) + c is c - a * b.
                    int c = Pop();
                    int b = Pop();
                    int a = Pop();
                    bool is32 = opcode is Opcode.F32x4RelaxedMadd or Opcode.F32x4RelaxedNmadd;
                    int product = VectorBinary(is32 ? Opcode.F32x4Mul : Opcode.F64x2Mul, a, b);
                    Push(opcode is Opcode.F32x4RelaxedMadd or Opcode.F64x2RelaxedMadd
                        ? VectorBinary(is32 ? Opcode.F32x4Add : Opcode.F64x2Add, product, c)
                        : VectorBinary(is32 ? Opcode.F32x4Sub : Opcode.F64x2Sub, c, product));
                    break;
                }

            case Opcode.I32x4RelaxedDotI8x16I7x16AddS:
                {
                    int c = Pop();
                    int b = Pop();
                    int dot = VectorBinary(Opcode.I16x8RelaxedDotI8x16I7x16S, Pop(), b);
                    Push(VectorBinary(Opcode.I32x4Add, VectorUnary(Opcode.I32x4ExtaddPairwiseI16x8S, dot), c));
                    break;
                }

            default:
                TranslateVectorOperation(opcode switch
                {
                    Opcode.I8x16RelaxedSwizzle => Opcode.I8x16Swizzle,
                    Opcode.I32x4RelaxedTruncF32x4S => Opcode.I32x4TruncSatF32x4S,
                    Opcode.I32x4RelaxedTruncF32x4U => Opcode.I32x4TruncSatF32x4U,
                    Opcode.I32x4RelaxedTruncF64x2SZero => Opcode.I32x4TruncSatF64x2SZero,
                    Opcode.I32x4RelaxedTruncF64x2UZero => Opcode.I32x4TruncSatF64x2UZero,
                    >= Opcode.I8x16RelaxedLaneselect and <= Opcode.I64x2RelaxedLaneselect => Opcode.V128Bitselect,
                    Opcode.F32x4RelaxedMin => Opcode.F32x4Min,
                    Opcode.F32x4RelaxedMax => Opcode.F32x4Max,
                    Opcode.F64x2RelaxedMin => Opcode.F64x2Min,
                    Opcode.F64x2RelaxedMax => Opcode.F64x2Max,
                    Opcode.I16x8RelaxedQ15mulrS => Opcode.I16x8Q15mulrSatS,
                    _ => opcode,   // the dot product, signed by signed
                }, 0);
                break;
        }
    }
}
