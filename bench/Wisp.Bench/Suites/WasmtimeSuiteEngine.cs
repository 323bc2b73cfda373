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

    public Func<string, SuiteRun> Prepare(SuiteProgram program)
    {
        Wasmtime.Module module = Wasmtime.Module.FromBytes(_engine, program.Name, program.Wasm);
        return folder => Run(module, program, folder);
    }

    public void Dispose() => _engine.Dispose();

    private SuiteRun Run(Wasmtime.Module module, SuiteProgram program, string folder)
    {
        string output = Path.GetTempFileName();
        try
        {
            using var store = new Wasmtime.Store(_engine);
            if (_interruptible)
            {
                store.SetEpochDeadline(1_000_000);
            }

            using var linker = new Wasmtime.Linker(_engine);
            linker.DefineWasi();
            store.SetWasiConfiguration(new WasiConfiguration()
                .WithArg(program.Name)
                .WithPreopenedDirectory(folder, ".", false)
                .WithStandardOutput(output)
                .WithStandardError("/dev/null"));
            var clock = new MarkedClock();
            linker.DefineFunction("bench", "start", clock.Start);
            linker.DefineFunction("bench", "end", clock.End);
            try
            {
                linker.Instantiate(store, module).GetAction("_start")!();
            }
            catch (WasmtimeException exit) when (exit.ExitCode == 0)
            {
            }

            return new SuiteRun(clock.Elapsed, File.ReadAllText(output));
        }
        finally
        {
            File.Delete(output);
        }
    }
}
