using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>Binds imports by name and instantiates modules.</summary>
/// <remarks>
/// Definitions of host functions serve any number of stores; an <see cref="Extern"/> serves its own store alone. A later definition
/// of a name replaces an earlier one. Thread safe for instantiation once nothing is defined any more.
/// </remarks>
public sealed partial class Linker
{
    /// <summary>Makes a linker without definitions.</summary>
    /// <param name="engine">The engine.</param>
    public Linker(Engine engine)
    {
        Engine = engine;
    }

    /// <summary>The engine.</summary>
    public Engine Engine { get; }

    /// <summary>Defines one name.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="item">What it is bound to.</param>
    public void Define(string module, string name, Extern item) => throw new InvalidOperationException("no linker yet");

    /// <summary>Defines each export of an instance.</summary>
    /// <param name="module">First part of the imports' names.</param>
    /// <param name="instance">The instance.</param>
    public void DefineInstance(string module, Instance instance) => throw new InvalidOperationException("no linker yet");

    /// <summary>Defines a host function.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="type">Its type.</param>
    /// <param name="function">The function; called by several threads at once when several stores run.</param>
    public void DefineFunction(string module, string name, FunctionType type, HostFunction function) =>
        throw new InvalidOperationException("no linker yet");

    /// <summary>Defines a host function that may wait.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="type">Its type.</param>
    /// <param name="function">The function; called by several threads at once when several stores run.</param>
    public void DefineFunction(string module, string name, FunctionType type, AsyncHostFunction function) =>
        throw new InvalidOperationException("no linker yet");

    /// <summary>Instantiates a module: binds its imports, fills its memories and tables, runs its start function.</summary>
    /// <param name="store">The store that will own the instance.</param>
    /// <param name="module">The module.</param>
    /// <returns>The instance.</returns>
    /// <exception cref="LinkException">An import is missing or does not fit, or a limit of the store is met.</exception>
    /// <exception cref="TrapException">A segment does not fit, or the start function trapped. What was written before stays.</exception>
    public Instance Instantiate(Store store, Module module) => throw new InvalidOperationException("no linker yet");

    /// <summary>Instantiates a module whose start function may wait.</summary>
    /// <param name="store">The store that will own the instance.</param>
    /// <param name="module">The module.</param>
    /// <param name="cancellationToken">Stops the start function.</param>
    /// <returns>The instance.</returns>
    /// <exception cref="LinkException">An import is missing or does not fit, or a limit of the store is met.</exception>
    /// <exception cref="TrapException">A segment does not fit, or the start function trapped. What was written before stays.</exception>
    public ValueTask<Instance> InstantiateAsync(Store store, Module module, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("no linker yet");
}
