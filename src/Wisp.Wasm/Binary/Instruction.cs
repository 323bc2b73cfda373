using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>One instruction with its immediates. A reader fills the same one again and again.</summary>
/// <remarks>Only the fields that <see cref="ImmediateKind"/> names for the opcode are set; the others keep what was there.</remarks>
#pragma warning disable CA1051   // One buffer that a reader fills: properties would add nothing but a copy of the larger fields.
public struct Instruction
{
    /// <summary>Which instruction.</summary>
    public Opcode Opcode;

    /// <summary>The exponent of the alignment that a memory access promises.</summary>
    public byte Align;

    /// <summary>A lane of a vector.</summary>
    public byte Lane;

    /// <summary>Where its opcode stands in the module.</summary>
    public int Offset;

    /// <summary>The first index, or the depth of a label.</summary>
    public int Index;

    /// <summary>The second index.</summary>
    public int Index2;

    /// <summary>The memory accessed.</summary>
    public int Memory;

    /// <summary>The bits of a constant, or the static offset of a memory access.</summary>
    public ulong Bits;

    /// <summary>The type of a block.</summary>
    public BlockType Block;

    /// <summary>The heap type of a reference instruction.</summary>
    public HeapType Heap;

    /// <summary>The reference type of a reference instruction, or of a cast's operand.</summary>
    public ValType Type;

    /// <summary>The reference type that a branching cast tests for.</summary>
    public ValType Type2;

    /// <summary>A vector constant, or the lanes of a shuffle.</summary>
    public UInt128 Vector;
}
#pragma warning restore CA1051
