namespace Wisp.Wasm.Binary;

/// <summary>What an instruction does besides popping and pushing.</summary>
public enum OpcodeEffect : byte
{
    /// <summary>Nothing.</summary>
    Pure,

    /// <summary>May trap, for its operands alone.</summary>
    MayTrap,

    /// <summary>Chooses what runs next.</summary>
    Control,

    /// <summary>Calls a function.</summary>
    Call,

    /// <summary>Reads a local.</summary>
    ReadLocal,

    /// <summary>Writes a local.</summary>
    WriteLocal,

    /// <summary>Reads a global.</summary>
    ReadGlobal,

    /// <summary>Writes a global.</summary>
    WriteGlobal,

    /// <summary>Reads a table or its size.</summary>
    ReadTable,

    /// <summary>Writes or grows a table.</summary>
    WriteTable,

    /// <summary>Reads a memory or its size.</summary>
    LoadMemory,

    /// <summary>Writes or grows a memory.</summary>
    StoreMemory,

    /// <summary>Drops a segment.</summary>
    WriteSegment,

    /// <summary>Allocates a structure or an array.</summary>
    Allocate,

    /// <summary>Reads a structure or an array.</summary>
    ReadHeap,

    /// <summary>Writes a structure or an array.</summary>
    WriteHeap,

    /// <summary>Orders memory accesses between threads.</summary>
    Atomic,
}

/// <summary>The proposal through which an instruction came into WebAssembly.</summary>
public enum WasmFeature : byte
{
    /// <summary>WebAssembly 1.0.</summary>
    Core,

    /// <summary>Sign extension.</summary>
    SignExtension,

    /// <summary>Conversions that saturate.</summary>
    SaturatingConversion,

    /// <summary>Bulk memory and table instructions.</summary>
    BulkMemory,

    /// <summary>Reference types.</summary>
    ReferenceTypes,

    /// <summary>Tail calls.</summary>
    TailCalls,

    /// <summary>Typed function references.</summary>
    FunctionReferences,

    /// <summary>Exceptions with <c>try_table</c>.</summary>
    Exceptions,

    /// <summary>Structures, arrays and casts.</summary>
    GarbageCollection,

    /// <summary>128-bit vectors.</summary>
    Simd,

    /// <summary>Vector instructions whose result may depend on the machine.</summary>
    RelaxedSimd,

    /// <summary>Atomic memory accesses.</summary>
    Threads,
}
