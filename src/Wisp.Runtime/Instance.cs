namespace Wisp;

/// <summary>An instantiated module: its memory, tables, globals and code, owned by a store.</summary>
public sealed partial class Instance
{
    internal Instance(Store store, Module module)
    {
        Store = store;
        Module = module;
    }

    /// <summary>The store that owns it.</summary>
    public Store Store { get; }

    /// <summary>What it is an instance of.</summary>
    public Module Module { get; }

    /// <summary>Its exports by name.</summary>
    public IReadOnlyDictionary<string, Extern> Exports => throw new InvalidOperationException("no instances yet");

    /// <summary>An exported function.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The function, or null when nothing or something else is exported under that name.</returns>
    public Function? GetFunction(string name) => Exports.GetValueOrDefault(name) as Function;

    /// <summary>An exported memory.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The memory, or null when nothing or something else is exported under that name.</returns>
    public Memory? GetMemory(string name) => Exports.GetValueOrDefault(name) as Memory;

    /// <summary>An exported table.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The table, or null when nothing or something else is exported under that name.</returns>
    public Table? GetTable(string name) => Exports.GetValueOrDefault(name) as Table;

    /// <summary>An exported global.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The global, or null when nothing or something else is exported under that name.</returns>
    public Global? GetGlobal(string name) => Exports.GetValueOrDefault(name) as Global;
}
