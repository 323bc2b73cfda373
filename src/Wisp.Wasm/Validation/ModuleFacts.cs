using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>What validation learned about a module.</summary>
/// <param name="functions">Facts of each body.</param>
/// <param name="escapingFunctions">Own functions that may be called from outside their module.</param>
/// <param name="changingTables">Of each table, whether it may change.</param>
public sealed class ModuleFacts(FunctionFacts[] functions, FuncIndex[] escapingFunctions, bool[] changingTables)
{
    /// <summary>Facts of each function that is not imported, in the order of <see cref="WasmModule.Bodies"/>.</summary>
    public FunctionFacts[] Functions { get; } = functions;

    /// <summary>
    /// The functions of the module itself, not imported ones, that need a reference value: exported, the start function, in an element
    /// segment, or named by a <c>ref.func</c>. Sorted, each once.
    /// </summary>
    public FuncIndex[] EscapingFunctions { get; } = escapingFunctions;

    /// <summary>
    /// Of each table, whether it may change when its instance was made: imported, exported, or written or grown by an instruction,
    /// reachable or not. Nothing but the active element segments ever writes the others.
    /// </summary>
    public bool[] ChangingTables { get; } = changingTables;
}
