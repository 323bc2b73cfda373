using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Wasm.Binary;

namespace Wisp.Compiler.X64;

// Numbers into vectors and out of them.
internal sealed partial class X64Selector
{
    private const int UpperHalf = 0xEE;   // of pshufd: the upper eight bytes, twice

    private int FromInteger(int integer, bool is64, int into = None)
    {
        int vreg = into == None ? NewVector() : into;
        BeginVector(is64 ? X64VectorOp.Movq : X64VectorOp.Movd);
        UseAny(integer);
        Add(Operand.Def(vreg));
        End();
        return vreg;
    }

    private void ToInteger(X64VectorOp op, int vector, int into, int immediate = 0)
    {
        BeginVector(op, immediate);
        Use(vector);
        Add(Operand.Def(into));
        End();
    }

    /// <summary>A copy, which is nothing where both get one register.</summary>
    private void CopyVector(int vector, int into)
    {
        BeginVector(X64VectorOp.Movaps);
        _inst.Flags = MachineInstFlags.PrefersTied;
        Use(vector);
        Add(Operand.Def(into));
        End();
    }

    private void EmitVectorLoad(int i, in Inst inst, in SelectedAddress address)
    {
        var access = (MemoryAccess)inst.Flags;
        if (access is MemoryAccess.U32 or MemoryAccess.U64)
        {
            Begin(X64Op.LoadFloat, access == MemoryAccess.U32 ? 4 : 8);   // the rest of the register becomes zero
        }
        else
        {
            BeginVector(access switch
            {
                MemoryAccess.S8x8 => X64VectorOp.Pmovsxbw,
                MemoryAccess.U8x8 => X64VectorOp.Pmovzxbw,
                MemoryAccess.S16x4 => X64VectorOp.Pmovsxwd,
                MemoryAccess.U16x4 => X64VectorOp.Pmovzxwd,
                MemoryAccess.S32x2 => X64VectorOp.Pmovsxdq,
                MemoryAccess.U32x2 => X64VectorOp.Pmovzxdq,
                _ => X64VectorOp.Movups,
            });
        }

        AddLoad(i, address);
        Define(i);
    }

    private void SelectSplat(Opcode opcode, int value, int into)
    {
        if (_fused[value])
        {
            SelectedAddress address = AddressOfLoad(value);
            BeginVector(opcode switch
            {
                Opcode.I8x16Splat => X64VectorOp.Vpbroadcastb,
                Opcode.I16x8Splat => X64VectorOp.Vpbroadcastw,
                Opcode.I32x4Splat or Opcode.F32x4Splat => X64VectorOp.Vbroadcastss,
                _ => X64VectorOp.Movddup,
            });
            AddLoad(value, address);
            Add(Operand.Def(into));
            End();
            return;
        }

        int scalar = Value(value);
        switch (opcode)
        {
            case Opcode.I8x16Splat when HasAvx2:
                Vector1(X64VectorOp.Vpbroadcastb, FromInteger(scalar, false), into: into);
                break;
            case Opcode.I8x16Splat:
                {
                    int lane = FromInteger(scalar, false);
                    Vector(X64VectorOp.Pshufb, lane, ZeroVector(), into: into);
                    break;
                }

            case Opcode.I16x8Splat when HasAvx2:
                Vector1(X64VectorOp.Vpbroadcastw, FromInteger(scalar, false), into: into);
                break;
            case Opcode.I16x8Splat:
                Vector1(X64VectorOp.Pshufd, Vector1(X64VectorOp.Pshuflw, FromInteger(scalar, false)), into: into);
                break;
            case Opcode.I32x4Splat:
                Vector1(X64VectorOp.Pshufd, FromInteger(scalar, false), into: into);
                break;
            case Opcode.I64x2Splat:
                Vector1(X64VectorOp.Movddup, FromInteger(scalar, true), into: into);
                break;
            case Opcode.F32x4Splat:
                Vector1(HasAvx2 ? X64VectorOp.Vbroadcastss : X64VectorOp.Pshufd, scalar, into: into);
                break;
            default:
                Vector1(X64VectorOp.Movddup, scalar, into: into);
                break;
        }
    }

    private void SelectExtract(int i, Opcode opcode, int value, int lane)
    {
        int vector = Value(value);
        int into = VregOf(i);
        switch (opcode)
        {
            case Opcode.I8x16ExtractLaneU:
                ToInteger(X64VectorOp.Pextrb, vector, into, lane);
                break;
            case Opcode.I16x8ExtractLaneU:
                ToInteger(X64VectorOp.Pextrw, vector, into, lane);
                break;
            case Opcode.I8x16ExtractLaneS or Opcode.I16x8ExtractLaneS:
                {
                    bool isByte = opcode == Opcode.I8x16ExtractLaneS;
                    int zeroExtended = NewVreg(RegisterClass.Integer);
                    ToInteger(isByte ? X64VectorOp.Pextrb : X64VectorOp.Pextrw, vector, zeroExtended, lane);
                    Begin(X64Op.Unary, 4, (int)(isByte ? UnaryKind.Extend8 : UnaryKind.Extend16));
                    Use(zeroExtended);
                    Define(i);
                    break;
                }

            case Opcode.I32x4ExtractLane:
                ToInteger(lane == 0 ? X64VectorOp.MovdFrom : X64VectorOp.Pextrd, vector, into, lane);
                break;
            case Opcode.I64x2ExtractLane:
                ToInteger(lane == 0 ? X64VectorOp.MovqFrom : X64VectorOp.Pextrq, vector, into, lane);
                break;
            default:
                if (lane == 0)
                {
                    CopyVector(vector, into);
                }
                else
                {
                    Vector1(X64VectorOp.Pshufd, vector, opcode == Opcode.F32x4ExtractLane ? lane : UpperHalf, into);
                }

                break;
        }
    }

    private void SelectReplace(Opcode opcode, int value, int scalar, int lane, int into)
    {
        (X64VectorOp op, int immediate) = opcode switch
        {
            Opcode.I8x16ReplaceLane => (X64VectorOp.Pinsrb, lane),
            Opcode.I16x8ReplaceLane => (X64VectorOp.Pinsrw, lane),
            Opcode.I32x4ReplaceLane => (X64VectorOp.Pinsrd, lane),
            Opcode.F32x4ReplaceLane => (X64VectorOp.Insertps, lane << 4),
            _ when _fused[scalar] => (lane == 0 ? X64VectorOp.Movlpd : X64VectorOp.Movhpd, 0),
            Opcode.I64x2ReplaceLane => (X64VectorOp.Pinsrq, lane),
            _ => lane == 0 ? (X64VectorOp.Pblendw, 0x0F) : (X64VectorOp.Unpcklpd, 0),
        };
        if (_fused[scalar])
        {
            SelectedAddress address = AddressOfLoad(scalar);
            int whole = Value(value);
            BeginVector(op, immediate);
            Use(whole);
            AddLoad(scalar, address);
            DefineVector(into);
            return;
        }

        int vector = Value(value);
        int number = Value(scalar);
        BeginVector(op, immediate);
        Use(vector);
        if (_machine.Classes[number] == RegisterClass.Integer)
        {
            UseAny(number);
        }
        else
        {
            Use(number);
        }

        DefineVector(into);
    }

    private void EmitLaneStore(in Inst extract, in SelectedAddress address, TrapCode trap)
    {
        int vector = Value(extract.A);
        int lane = extract.C;
        switch ((Opcode)extract.D)
        {
            case Opcode.I8x16ExtractLaneS or Opcode.I8x16ExtractLaneU:
                BeginVector(X64VectorOp.Pextrb, lane);
                break;
            case Opcode.I16x8ExtractLaneS or Opcode.I16x8ExtractLaneU:
                BeginVector(X64VectorOp.Pextrw, lane);
                break;
            case Opcode.I32x4ExtractLane when lane != 0:
                BeginVector(X64VectorOp.Pextrd, lane);
                break;
            case Opcode.I64x2ExtractLane when lane != 0:
                BeginVector(X64VectorOp.MovhpdStore);
                break;
            default:
                Begin(X64Op.StoreFloat, (Opcode)extract.D == Opcode.I32x4ExtractLane ? 4 : 8);
                break;
        }

        _inst.TrapCode = (byte)trap;
        Use(vector);
        AddAddress(address);
        End();
    }

    private void SelectBitmask(int i, Opcode opcode, int a)
    {
        int into = VregOf(i);
        switch (opcode)
        {
            case Opcode.I8x16Bitmask:
                ToInteger(X64VectorOp.Pmovmskb, a, into);
                break;
            case Opcode.I16x8Bitmask:
                // The upper half is zero, and so are the upper eight bits of the mask.
                ToInteger(X64VectorOp.Pmovmskb, Vector(X64VectorOp.Packsswb, a, ZeroVector()), into);
                break;
            case Opcode.I32x4Bitmask:
                ToInteger(X64VectorOp.Movmskps, a, into);
                break;
            default:
                ToInteger(X64VectorOp.Movmskpd, a, into);
                break;
        }
    }
}
