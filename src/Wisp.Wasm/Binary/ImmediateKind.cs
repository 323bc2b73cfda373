namespace Wisp.Wasm.Binary;

/// <summary>What follows an opcode in the binary, and where <see cref="Instruction"/> keeps it.</summary>
public enum ImmediateKind : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A block type, in <see cref="Instruction.Block"/>.</summary>
    Block,

    /// <summary>A block type and catch clauses, in <see cref="Instruction.Block"/> and <see cref="InstructionReader.Catches"/>.</summary>
    BlockCatches,

    /// <summary>The depth of a label, in <see cref="Instruction.Index"/>.</summary>
    Label,

    /// <summary>Depths of labels, the default one last, in <see cref="InstructionReader.Labels"/>.</summary>
    Labels,

    /// <summary>A function, in <see cref="Instruction.Index"/>.</summary>
    Func,

    /// <summary>A type, in <see cref="Instruction.Index"/>.</summary>
    Type,

    /// <summary>A type and a table, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TypeTable,

    /// <summary>Two types, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TypeType,

    /// <summary>A structure type and a field, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TypeField,

    /// <summary>An array type and a length, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TypeCount,

    /// <summary>An array type and a data segment, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TypeData,

    /// <summary>An array type and an element segment, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TypeElem,

    /// <summary>Value types, in <see cref="InstructionReader.SelectTypes"/>.</summary>
    Types,

    /// <summary>A local, in <see cref="Instruction.Index"/>.</summary>
    Local,

    /// <summary>A global, in <see cref="Instruction.Index"/>.</summary>
    Global,

    /// <summary>A table, in <see cref="Instruction.Index"/>.</summary>
    Table,

    /// <summary>The table written and the one read, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    TableTable,

    /// <summary>An element segment and a table, in <see cref="Instruction.Index"/> and <see cref="Instruction.Index2"/>.</summary>
    ElemTable,

    /// <summary>An element segment, in <see cref="Instruction.Index"/>.</summary>
    Elem,

    /// <summary>A data segment, in <see cref="Instruction.Index"/>.</summary>
    Data,

    /// <summary>A data segment and a memory, in <see cref="Instruction.Index"/> and <see cref="Instruction.Memory"/>.</summary>
    DataMemory,

    /// <summary>A memory, in <see cref="Instruction.Memory"/>.</summary>
    Memory,

    /// <summary>The memory written and the one read, in <see cref="Instruction.Memory"/> and <see cref="Instruction.Index2"/>.</summary>
    MemoryMemory,

    /// <summary>
    /// Alignment, memory and offset, in <see cref="Instruction.Align"/>, <see cref="Instruction.Memory"/> and <see cref="Instruction.Bits"/>.
    /// </summary>
    Memarg,

    /// <summary>As <see cref="Memarg"/>, and a lane in <see cref="Instruction.Lane"/>.</summary>
    MemargLane,

    /// <summary>A lane, in <see cref="Instruction.Lane"/>.</summary>
    Lane,

    /// <summary>Sixteen lanes, the first in the lowest byte of <see cref="Instruction.Vector"/>.</summary>
    Lanes,

    /// <summary>A 32-bit integer, zero-extended in <see cref="Instruction.Bits"/>.</summary>
    I32,

    /// <summary>A 64-bit integer, in <see cref="Instruction.Bits"/>.</summary>
    I64,

    /// <summary>The 32 bits of a number, zero-extended in <see cref="Instruction.Bits"/>.</summary>
    F32,

    /// <summary>The 64 bits of a number, in <see cref="Instruction.Bits"/>.</summary>
    F64,

    /// <summary>A vector, its first byte the lowest of <see cref="Instruction.Vector"/>.</summary>
    V128,

    /// <summary>
    /// A heap type, in <see cref="Instruction.Heap"/>; the reference type meant, with the nullability of the opcode, in
    /// <see cref="Instruction.Type"/>.
    /// </summary>
    Heap,

    /// <summary>
    /// A label's depth in <see cref="Instruction.Index"/>, and two reference types: of the operand in <see cref="Instruction.Type"/>
    /// and tested for in <see cref="Instruction.Type2"/>.
    /// </summary>
    Cast,

    /// <summary>A tag, in <see cref="Instruction.Index"/>.</summary>
    Tag,

    /// <summary>A byte that must be zero.</summary>
    Zero,
}
