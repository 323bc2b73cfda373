using System.Reflection;
using Wasmtime;

namespace Wisp.Bench.Engines;

/// <summary>Wasmtime through its NuGet package: Cranelift at its default, full optimization, compiling on one thread unless told.</summary>
internal sealed class WasmtimeEngine : IEngine
{
    private readonly Wasmtime.Engine _engine;

    public WasmtimeEngine(bool interruptible, bool pooling = false, bool isParallel = false)
    {
        Name = interruptible ? "wasmtime+epoch" : "wasmtime";
        Config config = new Config()
            .WithOptimizationLevel(OptimizationLevel.Speed)
            .WithParallelCompilation(isParallel)
            .WithEpochInterruption(interruptible);
        if (pooling)
        {
            config.WithPoolingAllocationStrategy(new PoolingAllocationConfig());
        }

        _engine = new Wasmtime.Engine(config);
        IsInterruptible = interruptible;
    }

    public string Name { get; }

    /// <summary>The version of the package.</summary>
    public static string Version { get; } =
        typeof(Wasmtime.Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "?";

    private bool IsInterruptible { get; }

    public ICompiledModule Compile(byte[] wasm) => new Compiled(this, Wasmtime.Module.FromBytes(_engine, "bench", wasm));

    public void Dispose() => _engine.Dispose();

    private sealed class Compiled(WasmtimeEngine owner, Wasmtime.Module module) : ICompiledModule
    {
        public IRunningInstance Instantiate()
        {
            var store = new Wasmtime.Store(owner._engine);
            if (owner.IsInterruptible)
            {
                store.SetEpochDeadline(1_000_000);
            }

            using var linker = new Wasmtime.Linker(owner._engine);
            linker.DefineFunction("host", "nothing", static () => { });
            return new Running(store, linker.Instantiate(store, module));
        }

        public void Dispose() => module.Dispose();
    }

    private sealed class Running(Wasmtime.Store store, Wasmtime.Instance instance) : IRunningInstance
    {
        public long Run(int n) => instance.GetFunction<int, long>("run")!(n);

        public void CallVoid(string name, int times)
        {
            Action call = instance.GetAction(name)!;
            for (int i = 0; i < times; i++)
            {
                call();
            }
        }

        public void CallTrap(string name, int times)
        {
            Action call = instance.GetAction(name)!;
            for (int i = 0; i < times; i++)
            {
                try
                {
                    call();
                }
                catch (Wasmtime.TrapException)
                {
                }
            }
        }

        public void Dispose() => store.Dispose();
    }
}
