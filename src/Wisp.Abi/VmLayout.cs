using Wisp.Wasm.Model;

namespace Wisp.Abi;

// What lies around r15 in an instance's slot. Compiled code and the runtime both take their offsets from here, and from nowhere else.
//
//   lower addresses                                     r15 (page aligned)                  higher addresses
//   ┌────────────────────────────────┬──────────────────┬─────────────────────────────────┬───────────┐
//   │ cold context: descriptors,     │ hot context      │ memory 0: committed, then       │ guard     │
//   │ globals, imports, func refs    │ 128 bytes        │ reserved up to 4 GiB            │ no access │
//   └────────────────────────────────┴──────────────────┴─────────────────────────────────┴───────────┘
//   -ContextBytes                    -128               0                                 4 GiB
//
// 1. Hot offsets are in [-128, -8], so an access needs only an 8-bit displacement.
// 2. StackLimit is the only field another thread writes: one aligned 8-byte store.
// 3. Memory 0 only grows, and in place: no byte moves, only Memory0Bytes changes.
// 4. Whenever compiled code of an instance runs, Execution and StackLimit of its context are those of the running execution.
//    Every transition restores them: entry, resumption, return from a host call, a call into another instance and its return.
// 5. An instance whose memory 0 is imported or absent has the context alone. In such an instance, and for every other
//    memory, the base comes from a VmMemory.
// 6. The cold part starts at -128 and grows downward, in the order of the fields below.
//
// Native records that contexts and code point to:
//   VmMemory   +0 Base (pointer)       +8 Bytes (current length, a multiple of 64 KiB)
//   VmTable    +0 Elements (pointer)   +8 Length (elements; each is 8 bytes)
//   VmGlobal   +0 value, 16 bytes; smaller values in the low bytes, upper bytes of an i32 unspecified
//   FuncRef    +0 Code   +8 Context (the callee's r15; zero for a host function)   +16 TypeId (u32, engine-wide canonical)
//              +20 reserved   +24 Host (index of the host function; zero otherwise)
// A reference value is 8 bytes: a funcref is the address of a FuncRef, an externref a handle of the store, and null is zero.

/// <summary>Offsets of an instance's context, all relative to r15.</summary>
internal sealed class VmLayout
{
    // Hot context. The runtime's stubs are called through it, so that code needs no relocation.
    public const int StackLimit = -8;
    public const int Execution = -16;
    public const int Memory0Bytes = -24;       // with Memory0Base one VmMemory: base below, bytes above
    public const int Memory0Base = -32;
    public const int Table0Length = -40;       // with Table0Elements one VmTable, when table 0 is not imported
    public const int Table0Elements = -48;
    public const int InterruptStub = -56;      // keeps every register; called on the cold side of the stack check
    public const int EnterContextStub = -64;   // see CallingConvention: before a call through a FuncRef of another context
    public const int LeaveContextStub = -72;   // after it
    public const int BuiltinStub = -80;        // calls the Builtin whose number is in r10d
    public const int InstanceHandle = -88;     // the runtime's, opaque to code
    public const int CopyStub = -96;           // memmove(rdi, rsi, rdx), leaf, clobbers caller-saved registers
    public const int FillStub = -104;          // memset(rdi, sil, rdx), leaf, clobbers caller-saved registers
    public const int FuelLeft = -112;
    public const int Reserved0 = -120;
    public const int Reserved1 = -128;
    public const int HotBytes = 128;

    public const int PointerBytes = 8;
    public const int MemoryRecordBytes = 16;
    public const int TableRecordBytes = 16;
    public const int GlobalBytes = 16;
    public const int FuncRefBytes = 32;

    public const int MemoryRecordBase = 0;
    public const int MemoryRecordLength = 8;
    public const int TableRecordElements = 0;
    public const int TableRecordLength = 8;
    public const int TableElementBytes = 8;
    public const int FuncRefCode = 0;
    public const int FuncRefContext = 8;
    public const int FuncRefTypeId = 16;
    public const int FuncRefHost = 24;

    public const int PageBytes = 4096;
    public const long WasmPageBytes = 65536;

    /// <summary>Address space reserved for a guarded 32-bit memory, before its guard.</summary>
    public const long ReservedBytes = 1L << 32;

    /// <summary>Bytes without access after the reservation. An access whose static offset plus size exceeds this is checked explicitly.</summary>
    public const long GuardBytes = 32L << 20;

    private readonly int _memoryPointers;
    private readonly int _memories;
    private readonly int _tablePointers;
    private readonly int _tables;
    private readonly int _globalPointers;
    private readonly int _globals;
    private readonly int _imports;
    private readonly int _typeIds;
    private readonly int _funcRefs;
    private readonly int _importedMemories;
    private readonly int _importedTables;
    private readonly int _importedGlobals;

    public VmLayout(WasmModule module, ReadOnlySpan<FuncIndex> escapingFunctions)
    {
        _importedMemories = module.ImportedMemoryCount;
        _importedTables = module.ImportedTableCount;
        _importedGlobals = module.ImportedGlobalCount;

        long next = -HotBytes;
        int Take(long count, int bytes)
        {
            next -= count * bytes;
            return checked((int)next);   // the decoder's limits keep this far from overflow
        }

        _memoryPointers = Take(module.ImportedMemoryCount, PointerBytes);
        _memories = Take(module.Memories.Length - module.ImportedMemoryCount, MemoryRecordBytes);
        _tablePointers = Take(module.ImportedTableCount, PointerBytes);
        _tables = Take(module.Tables.Length - module.ImportedTableCount, TableRecordBytes);
        _imports = Take(module.ImportedFunctionCount, PointerBytes);
        _globalPointers = Take(module.ImportedGlobalCount, PointerBytes);
        next &= ~15L;
        _globals = Take(module.Globals.Length - module.ImportedGlobalCount, GlobalBytes);
        _typeIds = Take(module.Types.Length, sizeof(uint));
        next &= ~15L;
        _funcRefs = Take(escapingFunctions.Length, FuncRefBytes);
        UsedBytes = checked((int)-next);
        ContextBytes = checked((int)((-next + PageBytes - 1) & ~(PageBytes - 1L)));

        EscapingFunctions = escapingFunctions.ToArray();
    }

    /// <summary>Bytes below r15 that hold something.</summary>
    public int UsedBytes { get; }

    /// <summary>Bytes below r15, a multiple of the page size.</summary>
    public int ContextBytes { get; }

    /// <summary>
    /// Functions whose reference can leave the code that calls them directly: exported, in an element segment, in a global's
    /// initializer, or named by ref.func. Sorted by index, imported ones left out: an import has its FuncRef already.
    /// </summary>
    public FuncIndex[] EscapingFunctions { get; }

    /// <summary>Offset of the pointer to an imported memory's VmMemory.</summary>
    public int ImportedMemoryPointer(MemoryIndex memory) => _memoryPointers + (memory.Index * PointerBytes);

    /// <summary>Offset of the VmMemory of a memory that is not imported. Memory 0 has it in the hot context.</summary>
    public int OwnMemory(MemoryIndex memory) => memory.Index == 0
        ? Memory0Base
        : _memories + ((memory.Index - _importedMemories) * MemoryRecordBytes);

    /// <summary>Offset of the pointer to an imported table's VmTable.</summary>
    public int ImportedTablePointer(TableIndex table) => _tablePointers + (table.Index * PointerBytes);

    /// <summary>Offset of the VmTable of a table that is not imported. Table 0 has it in the hot context.</summary>
    public int OwnTable(TableIndex table) => table.Index == 0
        ? Table0Elements
        : _tables + ((table.Index - _importedTables) * TableRecordBytes);

    /// <summary>Offset of the pointer to an imported global's VmGlobal.</summary>
    public int ImportedGlobalPointer(GlobalIndex global) => _globalPointers + (global.Index * PointerBytes);

    /// <summary>Offset of the VmGlobal of a global that is not imported.</summary>
    public int OwnGlobal(GlobalIndex global) => _globals + ((global.Index - _importedGlobals) * GlobalBytes);

    /// <summary>Offset of the pointer to an imported function's FuncRef.</summary>
    public int ImportedFunction(FuncIndex function) => _imports + (function.Index * PointerBytes);

    /// <summary>Offset of the u32 canonical type id of a type of the module.</summary>
    public int TypeId(TypeIndex type) => _typeIds + (type.Index * sizeof(uint));

    /// <summary>Offset of the FuncRef of an escaping function; its own reference value is r15 plus this.</summary>
    /// <exception cref="InvalidOperationException">The function is not among <see cref="EscapingFunctions"/>.</exception>
    public int FuncRef(FuncIndex function)
    {
        int slot = Array.BinarySearch(EscapingFunctions, function, FuncIndexOrder.Instance);
        return slot >= 0
            ? _funcRefs + (slot * FuncRefBytes)
            : throw new InvalidOperationException($"function {function.Index} does not escape");
    }

    private sealed class FuncIndexOrder : IComparer<FuncIndex>
    {
        public static readonly FuncIndexOrder Instance = new();

        public int Compare(FuncIndex x, FuncIndex y) => x.Index.CompareTo(y.Index);
    }
}
