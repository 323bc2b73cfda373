using Wisp.Abi;

namespace Wisp.Traps;

/// <summary>The words for each trap: the specification's, where its test suite has some.</summary>
internal static class TrapText
{
    public static string Of(TrapCode code) => code switch
    {
        TrapCode.Unreachable => "unreachable",
        TrapCode.MemoryOutOfBounds => "out of bounds memory access",
        TrapCode.TableOutOfBounds => "out of bounds table access",
        TrapCode.IndirectCallToNull => "uninitialized element",
        TrapCode.BadSignature => "indirect call type mismatch",
        TrapCode.IntegerDivideByZero => "integer divide by zero",
        TrapCode.IntegerOverflow => "integer overflow",
        TrapCode.BadConversionToInteger => "invalid conversion to integer",
        TrapCode.NullReference => "null reference",
        TrapCode.StackOverflow => "call stack exhausted",
        TrapCode.UndefinedElement => "undefined element",
        TrapCode.CastFailure => "cast failure",
        TrapCode.ArrayOutOfBounds => "out of bounds array access",
        TrapCode.UncaughtException => "uncaught exception",
        TrapCode.UnalignedAtomic => "unaligned atomic",
        TrapCode.HeapOutOfMemory => "out of memory in the garbage-collected heap",
        TrapCode.ExpectedSharedMemory => "expected shared memory",
        TrapCode.Interrupted => "interrupted by the host",
        TrapCode.DeadlineExceeded => "deadline exceeded",
        TrapCode.CpuTimeExceeded => "processor time used up",
        TrapCode.OutOfFuel => "all fuel consumed",
        TrapCode.HostException => "exception in a host function",
        _ => $"trap {(int)code}",
    };
}
