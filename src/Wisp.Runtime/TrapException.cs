using System.Text;

namespace Wisp;

/// <summary>Why a guest was stopped.</summary>
public enum TrapKind
{
    /// <summary>No trap; never seen in an exception.</summary>
    None = 0,

    /// <summary>The <c>unreachable</c> instruction.</summary>
    Unreachable = 1,

    /// <summary>An access outside a memory.</summary>
    MemoryOutOfBounds = 2,

    /// <summary>An access outside a table.</summary>
    TableOutOfBounds = 3,

    /// <summary>A call through a null element of a table.</summary>
    IndirectCallToNull = 4,

    /// <summary>A call through a table whose function has another type.</summary>
    BadSignature = 5,

    /// <summary>An integer division by zero.</summary>
    IntegerDivideByZero = 6,

    /// <summary>An integer result that does not fit.</summary>
    IntegerOverflow = 7,

    /// <summary>A conversion of NaN to an integer.</summary>
    BadConversionToInteger = 8,

    /// <summary>A null reference used as if it were none.</summary>
    NullReference = 9,

    /// <summary>Too many calls inside calls, or too large frames.</summary>
    StackOverflow = 10,

    /// <summary>A call through an index outside the table.</summary>
    UndefinedElement = 11,

    /// <summary>A cast to a type that the value does not have.</summary>
    CastFailure = 12,

    /// <summary>An access outside an array.</summary>
    ArrayOutOfBounds = 13,

    /// <summary>An exception of the guest that nobody caught.</summary>
    UncaughtException = 14,

    /// <summary>An atomic access that is not aligned.</summary>
    UnalignedAtomic = 15,

    /// <summary>The garbage-collected heap is full.</summary>
    HeapOutOfMemory = 16,

    /// <summary>A wait on a memory that is not shared.</summary>
    ExpectedSharedMemory = 17,

    /// <summary><see cref="Store.Interrupt"/> was called.</summary>
    Interrupted = 32,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded = 33,

    /// <summary>The store's processor time is used up.</summary>
    CpuTimeExceeded = 34,

    /// <summary>The store's fuel is used up.</summary>
    OutOfFuel = 35,
}

/// <summary>A frame of a guest's call stack.</summary>
/// <param name="FunctionIndex">Index in the module.</param>
/// <param name="FunctionName">From the name section or an export; null when it has none.</param>
/// <param name="ModuleName">The module's name; null when it has none.</param>
/// <param name="Offset">Offset of the instruction in the module's bytes.</param>
public sealed record WasmFrame(int FunctionIndex, string? FunctionName, string? ModuleName, int Offset)
{
    /// <summary>The frame as a line of a backtrace.</summary>
    /// <returns>Name or index, module, and offset in hexadecimal.</returns>
    public override string ToString() =>
        $"{ModuleName ?? "<unnamed>"}!{FunctionName ?? $"<function {FunctionIndex}>"} at 0x{Offset:x}";
}

/// <summary>The guest frames that were active, innermost first.</summary>
/// <param name="Frames">At most <see cref="MaxFrames"/> frames.</param>
/// <param name="IsTruncated">Whether there were more.</param>
public sealed record WasmBacktrace(IReadOnlyList<WasmFrame> Frames, bool IsTruncated)
{
    /// <summary>How many frames are kept: the innermost ones.</summary>
    public const int MaxFrames = 64;

    /// <summary>No frame at all.</summary>
    public static WasmBacktrace Empty { get; } = new([], false);

    /// <summary>One line per frame.</summary>
    /// <returns>The lines, each indented by two spaces.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int i = 0; i < Frames.Count; i++)
        {
            text.Append("  ").Append(i).Append(": ").Append(Frames[i]).Append('\n');
        }

        return IsTruncated ? text.Append("  ... more frames\n").ToString() : text.ToString();
    }
}

/// <summary>A guest was stopped by a trap. Its store stays usable.</summary>
public sealed class TrapException : Exception
{
    internal TrapException(TrapKind kind, string message, WasmBacktrace backtrace)
        : base(message)
    {
        Kind = kind;
        Backtrace = backtrace;
    }

    /// <summary>Why.</summary>
    public TrapKind Kind { get; }

    /// <summary>Where: the guest frames of the call that trapped.</summary>
    public WasmBacktrace Backtrace { get; }
}
