namespace Wisp.Abi;

/// <summary>
/// What compiled code asks of the runtime through VmLayout.BuiltinStub. Arguments and results follow CallingConvention; indices
/// are those of the calling instance's module. The numbers are part of the image format.
/// </summary>
internal enum Builtin : byte
{
    MemoryGrow,       // (memory: i32, pages: i64) -> i64     previous size in pages, or -1
    MemoryFill,       // (memory: i32, at: i64, value: i32, count: i64)
    MemoryCopy,       // (toMemory: i32, fromMemory: i32, to: i64, from: i64, count: i64)
    MemoryInit,       // (memory: i32, segment: i32, to: i64, from: i32, count: i32)
    DataDrop,         // (segment: i32)
    TableGrow,        // (table: i32, value: ref, count: i64) -> i64     previous size, or -1
    TableFill,        // (table: i32, at: i64, value: ref, count: i64)
    TableCopy,        // (toTable: i32, fromTable: i32, to: i64, from: i64, count: i64)
    TableInit,        // (table: i32, segment: i32, to: i64, from: i32, count: i32)
    ElementDrop,      // (segment: i32)
    IsSubtype,        // (actualTypeId: i32, wantedTypeId: i32) -> i32     the slow side of a signature check
    AtomicNotify,     // (memory: i32, address: i64, count: i32) -> i32
    AtomicWait32,     // (memory: i32, address: i64, expected: i32, timeout: i64) -> i32
    AtomicWait64,     // (memory: i32, address: i64, expected: i64, timeout: i64) -> i32

    // Not asked of the runtime: leaf routines on the caller's stack, VmLayout.CopyStub and FillStub. Addresses are native.
    CopyBytes = 128,  // (to: i64, from: i64, count: i64)     as memmove
    FillBytes,        // (at: i64, value: i32, count: i64)    as memset
}
