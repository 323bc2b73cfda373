using Wisp.Abi.Images;

namespace Wisp.Compiler.Emission;

/// <summary>A place in a function's code where a trap can happen.</summary>
/// <param name="CodeOffset">Offset of the instruction, from the function's start.</param>
/// <param name="Code">A TrapCode.</param>
/// <param name="SourceOffset">Offset in the module's bytes.</param>
internal readonly record struct TrapSite(int CodeOffset, byte Code, int SourceOffset);

/// <summary>A call's return address, for backtraces.</summary>
/// <param name="CodeOffset">Offset behind the call, from the function's start.</param>
/// <param name="SourceOffset">Offset of the call in the module's bytes.</param>
internal readonly record struct CallSite(int CodeOffset, int SourceOffset);

/// <summary>A rel32 that the linker fills: a direct call or jump to a function of the module.</summary>
/// <param name="CodeOffset">Offset of the four bytes, from the function's start.</param>
/// <param name="Function">Index of the function called.</param>
internal readonly record struct CodeRelocation(int CodeOffset, int Function);

/// <summary>The machine code of one function, with its tables; position independent but for its relocations.</summary>
internal sealed class CodeBlob
{
    /// <summary>Code, then constants and jump tables that it addresses relative to rip.</summary>
    public required byte[] Code { get; init; }

    /// <summary>A power of two, at least ImageFormat.FunctionAlignment; larger where the code has loops placed within cache lines.</summary>
    public int Alignment { get; init; } = ImageFormat.FunctionAlignment;

    public required CodeRelocation[] Relocations { get; init; }

    /// <summary>Sorted by offset.</summary>
    public required TrapSite[] Traps { get; init; }

    /// <summary>Sorted by offset.</summary>
    public required CallSite[] Calls { get; init; }

    /// <summary>Bytes of stack that a call of this function takes, its return address and saved registers included.</summary>
    public required int FrameBytes { get; init; }
}
