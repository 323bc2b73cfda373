using Wasmtime;

namespace Wisp.Bench.Suites;

/// <summary>Suite programs in Wasmtime.</summary>
internal sealed class WasmtimeSuiteEngine : ISuiteEngine
{
    private readonly Wasmtime.Engine _engine;
    private readonly bool _interruptible;

    public WasmtimeSuiteEngine(bool interruptible)
    {
        _interruptible = interruptible;
        _engine = new Wasmtime.Engine(
            new Config().WithOptimizationLevel(OptimizationLevel.Speed).WithEpochInterruption(interruptible));
    }

    public string Name => _interruptible ? "wasmtime+epoch" : "wasmtime";

    public ISuiteProgramRunner Prepare(SuiteProgram program) =>
        new Runner(this, Wasmtime.Module.FromBytes(_engine, program.Name, program.Wasm), program);

    public void Dispose() => _engine.Dispose();

    private sealed class Runner(WasmtimeSuiteEngine owner, Wasmtime.Module module, SuiteProgram program) : ISuiteProgramRunner
    {
        public SuiteRun Run(string folder)
        {
            string output = Path.GetTempFileName();
            string error = Path.GetTempFileName();
            try
            {
                using var store = new Wasmtime.Store(owner._engine);
                if (owner._interruptible)
                {
                    store.SetEpochDeadline(1_000_000);
                }

                using var linker = new Wasmtime.Linker(owner._engine);
                linker.DefineWasi();
                store.SetWasiConfiguration(Configure(folder, output, error));
                MarkedClock? clock = null;
                linker.DefineFunction("bench", "start", () => clock!.Start());
                linker.DefineFunction("bench", "end", () => clock!.End());
                Wasmtime.Instance? instance = null;
                if (program.Start.HasScriptedClock)
                {
                    var script = new ScriptedClock();
                    linker.AllowShadowing = true;
                    linker.DefineFunction("wasi_snapshot_preview1", "clock_time_get", (int clock, long precision, int address) =>
                    {
                        instance!.GetMemory("memory")!.WriteInt64(address, script.Now());
                        return 0;
                    });
                }

                instance = linker.Instantiate(store, module);
                Action start = instance.GetAction("_start")
                    ?? throw new InvalidOperationException("no WASI command: it exports no _start");
                clock = new MarkedClock();
                try
                {
                    start();
                }
                catch (WasmtimeException exit) when (exit.ExitCode == 0)
                {
                }

                return new SuiteRun(clock.Elapsed, File.ReadAllBytes(output), File.ReadAllBytes(error));
            }
            finally
            {
                File.Delete(output);
                File.Delete(error);
            }
        }

        public void Dispose() => module.Dispose();

        private WasiConfiguration Configure(string folder, string output, string error)
        {
            WasiConfiguration wasi = new WasiConfiguration()
                .WithArgs([program.Name, .. program.Start.Arguments])
                .WithPreopenedDirectory(folder, ".", false)
                .WithStandardOutput(output)
                .WithStandardError(error);
            return program.Start.Input is { } input ? wasi.WithStandardInput(Path.Combine(folder, input)) : wasi;
        }
    }
}
