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

    /// <summary>Leaves a number on this thread's spare stack, deep down and often.</summary>
    public static void FillStacks(long number)
    {
        using var guest = new Guest();
        guest.Instantiate("""
            (module (func $fill (export "fill") (param i32 i64) (local i64)
              (local.set 2 (i64.mul (local.get 1) (i64.const 3)))
              (if (local.get 0) (then (call $fill (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))
              (if (i64.eq (local.get 2) (i64.const 1)) (then unreachable))))
            """).GetFunction("fill")!.Invoke(5000, number);
    }

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
