namespace Wisp.Compiler.X64;

/// <summary>Which operands a vector instruction has, and where its encoding has them.</summary>
internal enum X64VectorForm : byte
{
    Binary,   // result in ModRM.reg; first operand the same, or in vvvv of VEX; second operand in ModRM.rm: a register or memory
    Unary,    // result in ModRM.reg, operand in ModRM.rm
    Shift,    // digit in ModRM.reg, operand in ModRM.rm, result the same, or in vvvv of VEX
    Store,    // operand in ModRM.reg, result in ModRM.rm: a register or memory
    Blend,    // as Binary, and a third operand in the upper half of the last byte
}

/// <summary>A row of the sections "vector" and "avx" in tables/x64.txt.</summary>
/// <param name="Prefix">The mandatory prefix, or zero.</param>
/// <param name="Opcode">With 0F, 0F 38 or 0F 3A before the last byte.</param>
/// <param name="Digit">In ModRM.reg of a shift.</param>
/// <param name="Form">Its operands.</param>
/// <param name="HasImmediate">Whether a byte follows.</param>
/// <param name="Is64">Whether W is set.</param>
/// <param name="IsAvxOnly">Whether only VEX encodes it.</param>
internal readonly record struct X64VectorEncoding(
    byte Prefix, int Opcode, byte Digit, X64VectorForm Form, bool HasImmediate, bool Is64, bool IsAvxOnly)
{
    /// <summary>The size that the assembler takes for W.</summary>
    public int Size => Is64 ? 8 : 4;

    /// <summary>The map that VEX names instead of 0F, 0F 38 and 0F 3A.</summary>
    public int Map => (Opcode >> 8) switch
    {
        0x0F38 => 2,
        0x0F3A => 3,
        _ => 1,
    };
}

/// <summary>The vector instructions as operations of machine instructions: their numbers follow those of X64Op.</summary>
internal static partial class X64VectorOps
{
    /// <summary>Number of the first; below are the operations of X64Op.</summary>
    public const int First = 256;

    public static bool IsVectorOp(ushort op) => op >= First;

    public static X64VectorOp Of(ushort op) => (X64VectorOp)(op - First);

    public static X64VectorEncoding Encoding(this X64VectorOp op) => Encodings[(int)op];
}
