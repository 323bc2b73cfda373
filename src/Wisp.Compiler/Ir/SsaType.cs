namespace Wisp.Compiler.Ir;

/// <summary>Type of an SSA value. References are 64-bit integers here.</summary>
internal enum SsaType : byte
{
    None,
    I32,
    I64,
    F32,
    F64,
    V128,
}
