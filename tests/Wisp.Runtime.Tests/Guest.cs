using Wisp.Wasm.Text;

namespace Wisp.Runtime.Tests;

/// <summary>An engine, a linker and a store, and instances made from text.</summary>
internal sealed class Guest : IDisposable
{
    private readonly List<Module> _modules = [];

    public Guest(StoreLimits? limits = null, EngineOptions? options = null)
    {
        Engine = new Engine(options);
        Linker = new Linker(Engine);
        Store = new Store(Engine, limits);
    }

    public Engine Engine { get; }

    public Linker Linker { get; }

    public Store Store { get; }

    public Module Compile(string wat, string name = "test")
    {
        var module = Module.Compile(Engine, WatParser.ParseModule(wat, name), name);
        _modules.Add(module);
        return module;
    }

    public Instance Instantiate(string wat, string name = "test") => Linker.Instantiate(Store, Compile(wat, name));

    public void Dispose()
    {
        Store.Dispose();
        foreach (Module module in _modules)
        {
            module.Dispose();
        }

        Engine.Dispose();
    }
}
