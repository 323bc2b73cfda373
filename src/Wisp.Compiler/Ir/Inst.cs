namespace Wisp.Compiler.Ir;

/// <summary>An SSA instruction. Its index in SsaFunction.Insts is the value it makes.</summary>
internal struct Inst
{
    public Op Op;
    public SsaType Type;      // None when it makes no value
    public byte Flags;        // a condition, a MemoryAccess or CallFlags
    public int A;
    public int B;
    public int C;
    public int D;
}
