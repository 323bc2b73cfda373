using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Wasm.Binary;

namespace Wisp.Compiler.Translation;

// One instruction at a time; numbers here, memory and tables beside.
internal sealed partial class FunctionTranslator
{
    private const SsaType I32 = SsaType.I32;
    private const SsaType I64 = SsaType.I64;
    private const SsaType F32 = SsaType.F32;
    private const SsaType F64 = SsaType.F64;

    private static readonly Op[] IntegerOps =
    [
        Op.Clz, Op.Ctz, Op.Popcnt, Op.Add, Op.Sub, Op.Mul, Op.DivS, Op.DivU, Op.RemS, Op.RemU, Op.And, Op.Or, Op.Xor, Op.Shl, Op.ShrS,
        Op.ShrU, Op.RotL, Op.RotR,
    ];

    private static readonly Op[] FloatOps =
    [
        Op.FAbs, Op.FNeg, Op.FCeil, Op.FFloor, Op.FTrunc, Op.FNearest, Op.FSqrt, Op.FAdd, Op.FSub, Op.FMul, Op.FDiv, Op.FMin, Op.FMax,
        Op.FCopySign,
    ];

    private static readonly IntCondition[] IntConditions =
    [
        IntCondition.Equal, IntCondition.NotEqual, IntCondition.LessSigned, IntCondition.LessUnsigned, IntCondition.GreaterSigned,
        IntCondition.GreaterUnsigned, IntCondition.LessOrEqualSigned, IntCondition.LessOrEqualUnsigned,
        IntCondition.GreaterOrEqualSigned, IntCondition.GreaterOrEqualUnsigned,
    ];

    private void Unary(Op op, SsaType type) => Push(Make(op, type, Pop(), 0, 0));

    // Divisions and truncations may trap, so each one stays where it is.
    private int Make(Op op, SsaType type, int a, int b, int flags) => OpShape.EffectOf(op) == OpEffect.Pure
        ? Pure(op, type, a, b, flags: flags)
        : Emit(op, type, a, b, flags: flags);

    private void Binary(Op op, SsaType type, int flags = 0)
    {
        int right = Pop();
        int left = Pop();
        Push(Make(op, type, left, right, flags));
    }

    private void Translate(ref Instruction instruction, ref InstructionReader reader)
    {
        Opcode opcode = instruction.Opcode;
        if (TranslateNumeric(opcode))
        {
            return;
        }

        switch (opcode)
        {
            case Opcode.Unreachable:
                Terminate(Op.Trap, c: (int)TrapCode.Unreachable);
                break;
            case Opcode.Nop:
                break;
            case Opcode.Block:
                PushFrame(FrameKind.Block, ref instruction);
                break;
            case Opcode.Loop:
                PushFrame(FrameKind.Loop, ref instruction);
                break;
            case Opcode.If:
                PushFrame(FrameKind.If, ref instruction);
                break;
            case Opcode.Else:
                TranslateElse();
                break;
            case Opcode.End:
                TranslateEnd();
                break;
            case Opcode.Br:
                TranslateBranch(instruction.Index);
                break;
            case Opcode.BrIf:
                TranslateBranchIf(instruction.Index, Pop(), whenTrue: true);
                break;
            case Opcode.BrTable:
                TranslateBranchTable(reader.Labels);
                break;
            case Opcode.Return:
                Return();
                break;
            case Opcode.Drop:
                Pop();
                break;
            case Opcode.Select or Opcode.SelectT:
                {
                    int condition = Pop();
                    int whenFalse = Pop();
                    int whenTrue = Pop();
                    Push(Pure(Op.Select, _ssa.Insts[whenTrue].Type, condition, whenTrue, whenFalse));
                    break;
                }

            case Opcode.LocalGet:
                Push(ReadLocal(instruction.Index));
                break;
            case Opcode.LocalSet:
                WriteLocal(instruction.Index, Pop());
                break;
            case Opcode.LocalTee:
                WriteLocal(instruction.Index, _stack[^1]);
                break;
            case Opcode.I32Const:
                Push(Const(I32, (long)instruction.Bits));
                break;
            case Opcode.I64Const:
                Push(Const(I64, (long)instruction.Bits));
                break;
            case Opcode.F32Const:
                Push(Const(F32, (long)instruction.Bits));
                break;
            case Opcode.F64Const:
                Push(Const(F64, (long)instruction.Bits));
                break;
            case >= FirstVectorOpcode and <= LastVectorOpcode:
                TranslateVector(ref instruction);
                break;
            default:
                TranslateStateful(ref instruction);
                break;
        }
    }

    private bool TranslateNumeric(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Eqz or Opcode.I64Eqz:
                Unary(Op.IsZero, I32);
                return true;
            case >= Opcode.I32Eq and <= Opcode.I32GeU:
                Binary(Op.Compare, I32, (int)IntConditions[opcode - Opcode.I32Eq]);
                return true;
            case >= Opcode.I64Eq and <= Opcode.I64GeU:
                Binary(Op.Compare, I32, (int)IntConditions[opcode - Opcode.I64Eq]);
                return true;
            case >= Opcode.F32Eq and <= Opcode.F32Ge:
                Binary(Op.FCompare, I32, opcode - Opcode.F32Eq);
                return true;
            case >= Opcode.F64Eq and <= Opcode.F64Ge:
                Binary(Op.FCompare, I32, opcode - Opcode.F64Eq);
                return true;
            case >= Opcode.I32Clz and <= Opcode.I32Rotr:
                Integer(IntegerOps[opcode - Opcode.I32Clz], I32);
                return true;
            case >= Opcode.I64Clz and <= Opcode.I64Rotr:
                Integer(IntegerOps[opcode - Opcode.I64Clz], I64);
                return true;
            case >= Opcode.F32Abs and <= Opcode.F32Copysign:
                Float(FloatOps[opcode - Opcode.F32Abs], F32);
                return true;
            case >= Opcode.F64Abs and <= Opcode.F64Copysign:
                Float(FloatOps[opcode - Opcode.F64Abs], F64);
                return true;
            default:
                return TranslateConversion(opcode);
        }
    }

    private void Integer(Op op, SsaType type)
    {
        if (op is Op.Clz or Op.Ctz or Op.Popcnt)
        {
            Unary(op, type);
        }
        else
        {
            Binary(op, type);
        }
    }

    private void Float(Op op, SsaType type)
    {
        if (op >= Op.FAbs)
        {
            Unary(op, type);
        }
        else
        {
            Binary(op, type);
        }
    }

    private bool TranslateConversion(Opcode opcode)
    {
        (Op op, SsaType type) = opcode switch
        {
            Opcode.I32WrapI64 => (Op.Wrap, I32),
            Opcode.I32TruncF32S or Opcode.I32TruncF64S => (Op.TruncS, I32),
            Opcode.I32TruncF32U or Opcode.I32TruncF64U => (Op.TruncU, I32),
            Opcode.I64TruncF32S or Opcode.I64TruncF64S => (Op.TruncS, I64),
            Opcode.I64TruncF32U or Opcode.I64TruncF64U => (Op.TruncU, I64),
            Opcode.I64ExtendI32S => (Op.SignExtend, I64),
            Opcode.I64ExtendI32U => (Op.ZeroExtend, I64),
            Opcode.F32ConvertI32S or Opcode.F32ConvertI64S => (Op.ConvertS, F32),
            Opcode.F32ConvertI32U or Opcode.F32ConvertI64U => (Op.ConvertU, F32),
            Opcode.F64ConvertI32S or Opcode.F64ConvertI64S => (Op.ConvertS, F64),
            Opcode.F64ConvertI32U or Opcode.F64ConvertI64U => (Op.ConvertU, F64),
            Opcode.F32DemoteF64 => (Op.FDemote, F32),
            Opcode.F64PromoteF32 => (Op.FPromote, F64),
            Opcode.I32ReinterpretF32 => (Op.Reinterpret, I32),
            Opcode.I64ReinterpretF64 => (Op.Reinterpret, I64),
            Opcode.F32ReinterpretI32 => (Op.Reinterpret, F32),
            Opcode.F64ReinterpretI64 => (Op.Reinterpret, F64),
            Opcode.I32Extend8S => (Op.Extend8S, I32),
            Opcode.I32Extend16S => (Op.Extend16S, I32),
            Opcode.I64Extend8S => (Op.Extend8S, I64),
            Opcode.I64Extend16S => (Op.Extend16S, I64),
            Opcode.I64Extend32S => (Op.Extend32S, I64),
            Opcode.I32TruncSatF32S or Opcode.I32TruncSatF64S => (Op.TruncSatS, I32),
            Opcode.I32TruncSatF32U or Opcode.I32TruncSatF64U => (Op.TruncSatU, I32),
            Opcode.I64TruncSatF32S or Opcode.I64TruncSatF64S => (Op.TruncSatS, I64),
            Opcode.I64TruncSatF32U or Opcode.I64TruncSatF64U => (Op.TruncSatU, I64),
            _ => (Op.Nop, SsaType.None),
        };
        if (op == Op.Nop)
        {
            return false;
        }

        Unary(op, type);
        return true;
    }
}
