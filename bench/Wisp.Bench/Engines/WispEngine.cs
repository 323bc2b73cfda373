namespace Wisp.Bench.Engines;

/// <summary>Wisp through its public API.</summary>
/// <param name="compileThreads">Threads that compile a module at once.</param>
internal sealed class WispEngine(int compileThreads = 1) : IEngine
{
    private readonly Wisp.Engine _engine = new(new Wisp.EngineOptions { CompileParallelism = compileThreads });

    public string Name => "wisp";

    public ICompiledModule Compile(byte[] wasm) => new Compiled(_engine, Wisp.Module.Compile(_engine, wasm, "bench"));

    public void Dispose() => _engine.Dispose();

    private sealed class Compiled(Wisp.Engine engine, Wisp.Module module) : ICompiledModule
    {
        public IRunningInstance Instantiate()
        {
            var store = new Wisp.Store(engine);
            var linker = new Wisp.Linker(engine);
            linker.DefineFunction("host", "nothing", static () => { });
            return new Running(store, linker.Instantiate(store, module));
        }

        public void Dispose() => module.Dispose();
    }

    private sealed class Running(Wisp.Store store, Wisp.Instance instance) : IRunningInstance
    {
        public long Run(int n) => instance.GetFunction<int, long>("run").Invoke(n);

        public void CallVoid(string name, int times)
        {
            Wisp.TypedFunction<Wisp.Unit> call = instance.GetFunction<Wisp.Unit>(name);
            for (int i = 0; i < times; i++)
            {
                call.Invoke();
            }
        }

        public void CallTrap(string name, int times)
        {
            Wisp.TypedFunction<Wisp.Unit> call = instance.GetFunction<Wisp.Unit>(name);
            for (int i = 0; i < times; i++)
            {
                try
                {
                    call.Invoke();
                }
                catch (Wisp.TrapException)
                {
                }
            }
        }

        public void Dispose() => store.Dispose();
    }
}
