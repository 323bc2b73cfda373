using Wisp.Compiler.Translation;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Ir;

// Whether operands have the types that their operations want.
internal sealed partial class SsaVerifier
{
    private void CheckTypes(int i)
    {
        Inst inst = _function.Insts[i];
        switch (inst.Op)
        {
            case >= Op.Add and <= Op.RemU:
                Require(
                    IsInteger(inst.Type) && TypeOf(inst.A) == inst.Type && TypeOf(inst.B) == inst.Type, $"v{i}: {inst.Op} of other types");
                break;
            case >= Op.FAdd and <= Op.FCopySign:
                Require(
                    IsFloat(inst.Type) && TypeOf(inst.A) == inst.Type && TypeOf(inst.B) == inst.Type, $"v{i}: {inst.Op} of other types");
                break;
            case Op.Compare or Op.FCompare:
                Require(TypeOf(inst.A) == TypeOf(inst.B) && inst.Type == SsaType.I32, $"v{i}: {inst.Op} of two types");
                Require(inst.Op == Op.Compare ? IsInteger(TypeOf(inst.A)) : IsFloat(TypeOf(inst.A)), $"v{i}: {inst.Op} of other types");
                break;
            case Op.Clz or Op.Ctz or Op.Popcnt or Op.Extend8S or Op.Extend16S:
                Require(IsInteger(inst.Type) && TypeOf(inst.A) == inst.Type, $"v{i}: {inst.Op} of another type");
                break;
            case Op.Extend32S:
                Require(TypeOf(inst.A) == SsaType.I64 && inst.Type == SsaType.I64, $"v{i}: {inst.Op} of another type");
                break;
            case Op.IsZero:
                Require(IsInteger(TypeOf(inst.A)) && inst.Type == SsaType.I32, $"v{i}: {inst.Op} of another type");
                break;
            case >= Op.FAbs and <= Op.FNearest:
                Require(IsFloat(inst.Type) && TypeOf(inst.A) == inst.Type, $"v{i}: {inst.Op} of another type");
                break;
            case Op.FDemote or Op.FPromote:
                {
                    (SsaType from, SsaType to) = inst.Op == Op.FDemote ? (SsaType.F64, SsaType.F32) : (SsaType.F32, SsaType.F64);
                    Require(TypeOf(inst.A) == from && inst.Type == to, $"v{i}: {inst.Op} of another type");
                    break;
                }

            case >= Op.TruncS and <= Op.TruncSatU:
                Require(IsFloat(TypeOf(inst.A)) && IsInteger(inst.Type), $"v{i}: {inst.Op} is not from a float to an integer");
                break;
            case Op.ConvertS or Op.ConvertU:
                Require(IsInteger(TypeOf(inst.A)) && IsFloat(inst.Type), $"v{i}: {inst.Op} is not from an integer to a float");
                break;
            case Op.Reinterpret:
                Require(
                    (TypeOf(inst.A), inst.Type) is (SsaType.I32, SsaType.F32) or (SsaType.F32, SsaType.I32)
                        or (SsaType.I64, SsaType.F64) or (SsaType.F64, SsaType.I64),
                    $"v{i}: {inst.Op} of another size or class");
                break;
            case Op.Call or Op.CallImport or Op.CallRef or Op.TailCall or Op.TailCallImport or Op.TailCallRef:
                CheckCall(i, inst);
                break;
            case Op.CallResult:
                CheckCallResult(i, inst);
                break;
            case Op.Return when _module is not null:
                CheckList(inst, _function.Type.Results, $"return at {i}");
                break;
            case Op.Select:
                Require(
                    TypeOf(inst.A) == SsaType.I32 && TypeOf(inst.B) == inst.Type && TypeOf(inst.C) == inst.Type,
                    $"v{i}: select of other types");
                break;
            case Op.Branch or Op.TrapIf or Op.TrapUnless or Op.BranchTable:
                Require(TypeOf(inst.A) == SsaType.I32, $"{inst.Op} at {i}: the condition is no i32");
                break;
            case Op.Load or Op.Store:
                Require(TypeOf(inst.A) == SsaType.I32, $"{inst.Op} at {i}: the address is no i32");
                break;
            case Op.LoadAt or Op.StoreAt:
                Require(TypeOf(inst.A) == SsaType.I64, $"{inst.Op} at {i}: the address is no i64");
                break;
            case Op.ZeroExtend or Op.SignExtend:
                Require(TypeOf(inst.A) == SsaType.I32 && inst.Type == SsaType.I64, $"v{i}: {inst.Op} is not from i32 to i64");
                break;
            case Op.Wrap:
                Require(TypeOf(inst.A) == SsaType.I64 && inst.Type == SsaType.I32, $"v{i}: wrap is not from i64 to i32");
                break;
            case >= Op.VectorUnary and <= Op.VectorTernary:
                CheckVector(i, inst);
                break;
            default:
                break;
        }
    }

    private void CheckCall(int i, in Inst inst)
    {
        if (inst.Op is Op.CallRef or Op.TailCallRef)
        {
            Require(TypeOf(inst.A) == SsaType.I64, $"{inst.Op} at {i}: the reference is no i64");
        }

        if (_module is null)
        {
            return;
        }

        FunctionType type = _module.FunctionTypeAt(new TypeIndex(inst.D));
        CheckList(inst, type.Parameters, $"{inst.Op} at {i}");
        if (OpShape.IsTerminator(inst.Op))
        {
            // They may be subtypes of the function's, so their places are compared.
            Require(
                type.Results.Select(FunctionTranslator.SsaTypeOf).SequenceEqual(_function.Type.Results.Select(FunctionTranslator.SsaTypeOf)),
                $"{inst.Op} at {i}: other results than the function's");
        }
        else
        {
            SsaType first = type.Results.Length > 0 ? FunctionTranslator.SsaTypeOf(type.Results[0]) : SsaType.None;
            Require(inst.Type == first, $"v{i}: {inst.Op} makes another type");
        }
    }

    private void CheckCallResult(int i, in Inst inst)
    {
        Inst call = _function.Insts[inst.A];
        Require(OpShape.EffectOf(call.Op) == OpEffect.Call && inst.A < i, $"v{i}: a result of what is no call");
        if (_module is not null && call.Op is Op.Call or Op.CallImport or Op.CallRef)
        {
            FunctionType type = _module.FunctionTypeAt(new TypeIndex(call.D));
            Require(
                inst.B < type.Results.Length && inst.Type == FunctionTranslator.SsaTypeOf(type.Results[inst.B]),
                $"v{i}: not the result {inst.B} of its call");
        }
    }

    private void CheckList(in Inst inst, ReadOnlySpan<ValType> types, string what)
    {
        Require(inst.C == types.Length, $"{what}: {inst.C} values instead of {types.Length}");
        for (int n = 0; n < types.Length; n++)
        {
            Require(TypeOf(_function.Lists[inst.B + n]) == FunctionTranslator.SsaTypeOf(types[n]), $"{what}: value {n} is of another type");
        }
    }

    private static bool IsInteger(SsaType type) => type is SsaType.I32 or SsaType.I64;

    private static bool IsFloat(SsaType type) => type is SsaType.F32 or SsaType.F64;

    private void CheckVector(int i, in Inst inst)
    {
        var opcode = (Opcode)inst.D;
        OpcodeSignature signature = opcode.Signature();
        ReadOnlySpan<int> operands = [inst.A, inst.B, inst.C];
        for (int n = 0; n < signature.PopCount; n++)
        {
            Require(TypeOf(operands[n]) == FunctionTranslator.SsaTypeOf(signature.Pop(n, ValType.I32)), $"v{i}: {opcode.Text()} of other types");
        }

        Require(signature.PopCount == inst.Op - Op.VectorUnary + 1, $"v{i}: {opcode.Text()} is not {inst.Op}");
        Require(inst.Type == FunctionTranslator.SsaTypeOf(signature.Push(ValType.I32)), $"v{i}: {opcode.Text()} makes another type");
    }
}
