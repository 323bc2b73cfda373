using System.Runtime.CompilerServices;
using Wisp.Linking;
using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>Binds imports by name and instantiates modules.</summary>
/// <remarks>
/// Definitions of host functions serve any number of stores; an <see cref="Extern"/> serves its own store alone. A later definition
/// of a name replaces an earlier one. Thread safe for instantiation once nothing is defined any more.
/// </remarks>
public sealed partial class Linker
{
    private readonly Dictionary<(string Module, string Name), object> _definitions = [];   // Extern or HostBinding

    private readonly ConditionalWeakTable<Module, object[]> _resolved = [];

    /// <summary>Makes a linker without definitions.</summary>
    /// <param name="engine">The engine.</param>
    public Linker(Engine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
    }

    /// <summary>The engine.</summary>
    public Engine Engine { get; }

    /// <summary>Defines one name.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="item">What it is bound to.</param>
    public void Define(string module, string name, Extern item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Set(module, name, item);
    }

    /// <summary>Defines each export of an instance.</summary>
    /// <param name="module">First part of the imports' names.</param>
    /// <param name="instance">The instance.</param>
    public void DefineInstance(string module, Instance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        foreach ((string name, Extern item) in instance.Exports)
        {
            Define(module, name, item);
        }
    }

    /// <summary>Defines a host function.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="type">Its type.</param>
    /// <param name="function">The function; called by several threads at once when several stores run.</param>
    public void DefineFunction(string module, string name, FunctionType type, HostFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        Set(module, name, new HostBinding(type, new CallShape(type, TypeSpace.Host), HostTypes.IdOf(Engine, type), function, null));
    }

    /// <summary>Defines a host function that may wait.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="type">Its type.</param>
    /// <param name="function">The function; called by several threads at once when several stores run.</param>
    public void DefineFunction(string module, string name, FunctionType type, AsyncHostFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        Set(module, name, new HostBinding(type, new CallShape(type, TypeSpace.Host), HostTypes.IdOf(Engine, type), null, function));
    }

    /// <summary>Instantiates a module: binds its imports, fills its memories and tables, runs its start function.</summary>
    /// <param name="store">The store that will own the instance.</param>
    /// <param name="module">The module.</param>
    /// <returns>The instance.</returns>
    /// <exception cref="LinkException">An import is missing or does not fit, or a limit of the store is met.</exception>
    /// <exception cref="TrapException">A segment does not fit, or the start function trapped. What was written before stays.</exception>
    public Instance Instantiate(Store store, Module module)
    {
        Instance instance = Prepare(store, module);
        instance.StartFunction?.Invoke();
        return instance;
    }

    /// <summary>Instantiates a module whose start function may wait.</summary>
    /// <param name="store">The store that will own the instance.</param>
    /// <param name="module">The module.</param>
    /// <param name="cancellationToken">Stops the start function.</param>
    /// <returns>The instance.</returns>
    /// <exception cref="LinkException">An import is missing or does not fit, or a limit of the store is met.</exception>
    /// <exception cref="TrapException">A segment does not fit, or the start function trapped. What was written before stays.</exception>
    public async ValueTask<Instance> InstantiateAsync(Store store, Module module, CancellationToken cancellationToken = default)
    {
        Instance instance = Prepare(store, module);
        if (instance.StartFunction is { } start)
        {
            await start.InvokeAsync(default, cancellationToken).ConfigureAwait(false);
        }

        return instance;
    }

    /// <summary>Has each host function that is defined by now ask a guard before it does anything.</summary>
    internal void Guard(IHostCallGuard guard)
    {
        foreach (((string Module, string Name) key, object item) in _definitions.ToArray())
        {
            if (item is HostBinding binding)
            {
                Set(key.Module, key.Name, binding.Guarded(key.Name, guard));
            }
        }
    }

    private void Set(string module, string name, object item)
    {
        _definitions[(module, name)] = item;
        _resolved.Clear();
    }

    private Instance Prepare(Store store, Module module)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(module);
        store.ThrowIfDisposed();
        module.ThrowIfDisposed();
        if (store.Engine != Engine || module.Engine != Engine)
        {
            throw new ArgumentException("linker, store and module must be of the same engine");
        }

        return new Instance(store, module, Resolve(store, module));
    }

    // What a module's imports are bound to. Where all are host functions that is the same for every store, and checked once.
    private object[] Resolve(Store store, Module module)
    {
        if (_resolved.TryGetValue(module, out object[]? known))
        {
            return known;
        }

        object[] resolved = Look(store, module);
        if (Array.TrueForAll(resolved, static item => item is HostBinding))
        {
            _resolved.TryAdd(module, resolved);
        }

        return resolved;
    }

    private object[] Look(Store store, Module module)
    {
        Import[] imports = module.Definition.Imports;
        object[] resolved = new object[imports.Length];
        for (int i = 0; i < imports.Length; i++)
        {
            Import import = imports[i];
            if (!_definitions.TryGetValue((import.Module, import.Name), out object? item))
            {
                throw new LinkException($"unknown import: {ImportCheck.NameOf(import)} is not defined");
            }

            ImportCheck.Check(store, module, import, item);
            resolved[i] = item;
        }

        return resolved;
    }
}
