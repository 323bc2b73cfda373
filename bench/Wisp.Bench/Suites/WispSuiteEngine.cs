using System.Buffers.Binary;
using Wisp.Permissions;
using Wisp.Wasi;

namespace Wisp.Bench.Suites;

/// <summary>Suite programs in Wisp.</summary>
internal sealed class WispSuiteEngine : ISuiteEngine
{
    private readonly Wisp.Engine _engine = new();

    public string Name => "wisp";

    public ISuiteProgramRunner Prepare(SuiteProgram program) =>
        new Runner(_engine, Wisp.Module.Compile(_engine, program.Wasm, program.Name), program);

    public void Dispose() => _engine.Dispose();

    private sealed class Runner(Wisp.Engine engine, Wisp.Module module, SuiteProgram program) : ISuiteProgramRunner
    {
        public SuiteRun Run(string folder)
        {
            // Files without a buffer, as the peers have them: a program that writes much pays for its writes on every side.
            using FileStream output = NewFile();
            using FileStream error = NewFile();
            Grant grant = new GrantBuilder().AddDirectory(folder, ".", DirectoryAccess.ReadWrite).Build();
            var gate = new PermissionGate(grant, program.Name, PermissionMode.Enforce, null, null);
            var builder = new WasiContextBuilder(gate) { Output = ByteSink.ToStream(output), Error = ByteSink.ToStream(error) };
            if (program.Start.Input is { } input)
            {
                builder.Input = ByteSource.FromBytes(File.ReadAllBytes(Path.Combine(folder, input)));
            }

            using WasiContext context = builder.AddArguments([program.Name, .. program.Start.Arguments]).Build();
            using var store = new Wisp.Store(engine) { Data = context };
            var linker = new Wisp.Linker(engine);
            WasiPreview1.Define(linker, of => (WasiContext)of.Data!);
            MarkedClock? clock = null;
            linker.DefineFunction("bench", "start", () => clock!.Start());
            linker.DefineFunction("bench", "end", () => clock!.End());
            Wisp.Instance? instance = null;
            if (program.Start.HasScriptedClock)
            {
                var script = new ScriptedClock();
                linker.DefineFunction("wasi_snapshot_preview1", "clock_time_get", (int clock, long precision, int address) =>
                {
                    BinaryPrimitives.WriteInt64LittleEndian(instance!.GetMemory("memory")!.Span[address..], script.Now());
                    return 0;
                });
            }

            instance = linker.Instantiate(store, module);
            Wisp.Function start = instance.GetFunction("_start")
                ?? throw new InvalidOperationException("no WASI command: it exports no _start");
            clock = new MarkedClock();
            try
            {
                start.Invoke();
            }
            catch (WasiExitException exit) when (exit.Code == 0)
            {
            }

            return new SuiteRun(clock.Elapsed, Contents(output), Contents(error));
        }

        public void Dispose() => module.Dispose();

        private static FileStream NewFile() => new(
            Path.GetTempFileName(), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.ReadWrite,
                BufferSize = 0,
                Options = FileOptions.DeleteOnClose,
            });

        private static byte[] Contents(FileStream file)
        {
            byte[] bytes = new byte[file.Length];
            file.Position = 0;
            file.ReadExactly(bytes);
            return bytes;
        }
    }
}
