namespace Wisp.Abi;

/// <summary>Why compiled code stopped. The numbers are part of the image format.</summary>
internal enum TrapCode : byte
{
    None = 0,
    Unreachable = 1,
    MemoryOutOfBounds = 2,
    TableOutOfBounds = 3,
    IndirectCallToNull = 4,
    BadSignature = 5,
    IntegerDivideByZero = 6,
    IntegerOverflow = 7,
    BadConversionToInteger = 8,
    NullReference = 9,
    StackOverflow = 10,
    UndefinedElement = 11,
    CastFailure = 12,
    ArrayOutOfBounds = 13,
    UncaughtException = 14,
    UnalignedAtomic = 15,
    HeapOutOfMemory = 16,
    ExpectedSharedMemory = 17,

    // Not from a program's own instruction: the host asked for the stop, or the store's limit was met.
    Interrupted = 32,
    DeadlineExceeded = 33,
    CpuTimeExceeded = 34,
    OutOfFuel = 35,
    HostException = 36,
}
