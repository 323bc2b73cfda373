using System.Text;

namespace Wisp;

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
