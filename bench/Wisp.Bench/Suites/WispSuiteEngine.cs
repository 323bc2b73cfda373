using System.Text;
using Wisp.Permissions;
using Wisp.Wasi;

namespace Wisp.Bench.Suites;

/// <summary>Suite programs in Wisp.</summary>
internal sealed class WispSuiteEngine : ISuiteEngine
{
    private readonly Wisp.Engine _engine = new();

    public Func<string, SuiteRun> Prepare(SuiteProgram program)
    {
        Wisp.Module module = Wisp.Module.Compile(_engine, program.Wasm, program.Name);
        return folder => Run(module, program, folder);
    }

    public void Dispose() => _engine.Dispose();

    private SuiteRun Run(Wisp.Module module, SuiteProgram program, string folder)
    {
        using var output = new MemoryStream();
        Grant grant = new GrantBuilder().AddDirectory(folder, ".", DirectoryAccess.ReadWrite).Build();
        var gate = new PermissionGate(grant, program.Name, PermissionMode.Enforce, null, null);
        var builder = new WasiContextBuilder(gate) { Output = ByteSink.ToStream(output) };
        using WasiContext context = builder.AddArguments([program.Name]).Build();
        using var store = new Wisp.Store(_engine) { Data = context };
        var linker = new Wisp.Linker(_engine);
        WasiPreview1.Define(linker, of => (WasiContext)of.Data!);
        var clock = new MarkedClock();
        linker.DefineFunction("bench", "start", clock.Start);
        linker.DefineFunction("bench", "end", clock.End);
        try
        {
            linker.Instantiate(store, module).GetFunction("_start")!.Invoke();
        }
        catch (WasiExitException exit) when (exit.Code == 0)
        {
        }

        return new SuiteRun(clock.Elapsed, Encoding.UTF8.GetString(output.ToArray()));
    }
}
