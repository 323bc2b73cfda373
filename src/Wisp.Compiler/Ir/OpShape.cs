namespace Wisp.Compiler.Ir;

/// <summary>Which fields of an instruction name values, lists of values, or edges.</summary>
[Flags]
internal enum OpUses : byte
{
    None = 0,
    A = 1,
    B = 2,
    C = 4,
    List = 8,         // B, C: start and count in SsaFunction.Lists
    JumpEdge = 16,    // A
    BranchEdges = 32, // B and C
    TableEdges = 64,  // B, C: first edge and count
}

/// <summary>What an instruction may do besides making its value.</summary>
internal enum OpEffect : byte
{
    Pure,
    MayTrap,      // but changes nothing
    Load,         // of its alias region; may trap as well
    Store,        // to its alias region; may trap as well
    Call,         // anything, but for AliasRegion.ReadOnly
    Terminator,
}

/// <summary>What each operation uses and does: the one place that passes, printer, verifier and selection ask.</summary>
internal static class OpShape
{
    public static OpUses UsesOf(Op op) => op switch
    {
        Op.Nop or Op.Param or Op.Const or Op.ConstVector or Op.LoadContext or Op.ContextAddress or Op.MemoryBarrier or Op.StackCheck
            or Op.CallResult or Op.Trap => OpUses.None,
        Op.Call or Op.CallImport or Op.CallBuiltin or Op.TailCall or Op.TailCallImport or Op.Return => OpUses.List,
        Op.CallRef or Op.TailCallRef => OpUses.A | OpUses.List,
        Op.Jump => OpUses.JumpEdge,
        Op.Branch => OpUses.A | OpUses.BranchEdges,
        Op.BranchTable => OpUses.A | OpUses.TableEdges,
        Op.StoreContext => OpUses.B,
        Op.Select or Op.AtomicCompareExchange or Op.VectorTernary => OpUses.A | OpUses.B | OpUses.C,
        Op.Load or Op.LoadAt or Op.AtomicLoad or Op.TrapIf or Op.TrapUnless
            or Op.Clz or Op.Ctz or Op.Popcnt or Op.Extend8S or Op.Extend16S or Op.Extend32S
            or Op.ZeroExtend or Op.SignExtend or Op.Wrap or Op.IsZero
            or Op.FAbs or Op.FNeg or Op.FSqrt or Op.FCeil or Op.FFloor or Op.FTrunc or Op.FNearest
            or Op.FDemote or Op.FPromote or Op.TruncS or Op.TruncU or Op.TruncSatS or Op.TruncSatU
            or Op.ConvertS or Op.ConvertU or Op.Reinterpret or Op.VectorUnary => OpUses.A,
        _ => OpUses.A | OpUses.B,
    };

    public static OpEffect EffectOf(Op op) => op switch
    {
        Op.DivS or Op.DivU or Op.RemS or Op.RemU or Op.TruncS or Op.TruncU or Op.TrapIf or Op.TrapUnless or Op.StackCheck
            => OpEffect.MayTrap,
        Op.Load or Op.LoadAt or Op.LoadContext => OpEffect.Load,
        Op.Store or Op.StoreAt or Op.StoreContext => OpEffect.Store,
        Op.MemoryBarrier or Op.AtomicLoad or Op.AtomicStore or Op.AtomicRmw or Op.AtomicCompareExchange
            or Op.Call or Op.CallImport or Op.CallRef or Op.CallBuiltin or Op.CallResult => OpEffect.Call,
        >= Op.Jump and <= Op.TailCallRef => OpEffect.Terminator,
        _ => OpEffect.Pure,
    };

    public static bool IsVector(Op op) => op is >= Op.VectorUnary and <= Op.VectorTernary;

    public static bool IsTerminator(Op op) => op is >= Op.Jump and <= Op.TailCallRef;

    /// <summary>Whether it may be left out when nobody uses its value: pure, or a load that cannot trap.</summary>
    public static bool IsRemovable(in Inst inst) => EffectOf(inst.Op) switch
    {
        OpEffect.Pure => true,
        OpEffect.Load => !CanTrap(inst),
        _ => false,
    };

    /// <summary>Whether a memory access may trap: those of linear memories, which guards bound; never the context or its records.</summary>
    public static bool CanTrap(in Inst inst) => EffectOf(inst.Op) switch
    {
        OpEffect.MayTrap => true,
        OpEffect.Load or OpEffect.Store => inst.Op is Op.Load or Op.Store
            || (inst.Op is Op.LoadAt or Op.StoreAt && new AliasRegion(inst.D).IsLinearMemory),
        _ => false,
    };

    /// <summary>Visits every value that an instruction uses, arguments of its edges included.</summary>
    public static void VisitUses<TVisitor>(SsaFunction function, int inst, ref TVisitor visitor)
        where TVisitor : struct, IValueVisitor
    {
        ref Inst i = ref function.Insts[inst];
        OpUses uses = UsesOf(i.Op);
        if ((uses & OpUses.A) != 0)
        {
            visitor.Visit(ref i.A);
        }

        if ((uses & OpUses.B) != 0)
        {
            visitor.Visit(ref i.B);
        }

        if ((uses & OpUses.C) != 0)
        {
            visitor.Visit(ref i.C);
        }

        if ((uses & OpUses.List) != 0)
        {
            VisitList(function, i.B, i.C, ref visitor);
        }

        int firstEdge = (uses & OpUses.JumpEdge) != 0 ? i.A : i.B;
        int edges = EdgeCount(i);
        for (int e = 0; e < edges; e++)
        {
            int edge = i.Op == Op.Branch && e == 1 ? i.C : firstEdge + e;
            ref Edge target = ref function.Edges[edge];
            VisitList(function, target.ArgStart, target.ArgCount, ref visitor);
        }
    }

    /// <summary>How many edges leave through an instruction.</summary>
    public static int EdgeCount(in Inst inst) => inst.Op switch
    {
        Op.Jump => 1,
        Op.Branch => 2,
        Op.BranchTable => inst.C,
        _ => 0,
    };

    /// <summary>The n-th edge of a terminator.</summary>
    public static int EdgeOf(in Inst inst, int number) => inst.Op switch
    {
        Op.Jump => inst.A,
        Op.Branch => number == 0 ? inst.B : inst.C,
        _ => inst.B + number,
    };

    private static void VisitList<TVisitor>(SsaFunction function, int start, int count, ref TVisitor visitor)
        where TVisitor : struct, IValueVisitor
    {
        Span<int> values = function.Lists.Span.Slice(start, count);
        for (int v = 0; v < values.Length; v++)
        {
            visitor.Visit(ref values[v]);
        }
    }
}

/// <summary>Sees each use of a value, and may put another value there.</summary>
internal interface IValueVisitor
{
    void Visit(ref int value);
}
