using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>What validation learned about a module.</summary>
/// <param name="functions">Facts of each body.</param>
/// <param name="escapingFunctions">Own functions that may be called from outside their module.</param>
public sealed class ModuleFacts(FunctionFacts[] functions, FuncIndex[] escapingFunctions)
{
    /// <summary>Facts of each function that is not imported, in the order of <see cref="WasmModule.Bodies"/>.</summary>
    public FunctionFacts[] Functions { get; } = functions;

    /// <summary>
    /// The functions of the module itself, not imported ones, that need a reference value: exported, the start function, in an element
    /// segment, or named by a <c>ref.func</c>. Sorted, each once.
    /// </summary>
    public FuncIndex[] EscapingFunctions { get; } = escapingFunctions;
}
