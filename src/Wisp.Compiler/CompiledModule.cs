using Wisp.Abi;
using Wisp.Compiler.Emission;
using Wisp.Wasm.Model;

namespace Wisp.Compiler;

/// <summary>What compiling a module yields: code of each function, not yet linked.</summary>
internal sealed class CompiledModule
{
    public required WasmModule Module { get; init; }

    public required VmLayout Layout { get; init; }

    /// <summary>One for each function that is not imported, in index order.</summary>
    public required CodeBlob[] Functions { get; init; }

    public required CodeOptions Options { get; init; }
}
