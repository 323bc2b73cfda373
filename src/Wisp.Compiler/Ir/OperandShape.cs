namespace Wisp.Compiler.Ir;

/// <summary>Which fields of an instruction are values. Lists and edges hold values too, whatever the shape.</summary>
internal enum OperandShape : byte
{
    None,
    A,
    B,
    AB,
    ABC,
}

/// <summary>The shape of each operation.</summary>
internal static class OperandShapes
{
    public static OperandShape Of(Op op) => op switch
    {
        Op.Nop or Op.Param or Op.Const or Op.ConstVector or Op.LoadContext or Op.ContextAddress or Op.MemoryBarrier or Op.StackCheck
            or Op.Call or Op.CallImport or Op.CallBuiltin or Op.Jump or Op.Return or Op.Trap or Op.TailCall
            or Op.TailCallImport => OperandShape.None,
        Op.StoreContext => OperandShape.B,
        Op.Clz or Op.Ctz or Op.Popcnt or Op.Extend8S or Op.Extend16S or Op.Extend32S or Op.ZeroExtend or Op.SignExtend or Op.Wrap
            or Op.IsZero or Op.FAbs or Op.FNeg or Op.FSqrt or Op.FCeil or Op.FFloor or Op.FTrunc or Op.FNearest or Op.FDemote
            or Op.FPromote or Op.TruncS or Op.TruncU or Op.TruncSatS or Op.TruncSatU or Op.ConvertS or Op.ConvertU or Op.Reinterpret
            or Op.Load or Op.LoadAt or Op.AtomicLoad or Op.TrapIf or Op.TrapUnless or Op.CallRef or Op.CallResult or Op.Branch
            or Op.BranchTable or Op.TailCallRef => OperandShape.A,
        Op.Select or Op.AtomicCompareExchange => OperandShape.ABC,
        _ => OperandShape.AB,
    };
}
