using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>From a compiled module's file, in the page cache, to the first result of a call into it.</summary>
internal static class WakeTable
{
    public static void Run(BenchContext context)
    {
        const string Table = "wake from a file to the first result";
        context.Table.Begin(Table);
        Add("1 MB of code", StartModules.MuchCode(), "first");
        Add("10 MiB of data", StartModules.MuchData(), "touch");
        context.Table.End(Table);

        void Add(string name, byte[] wasm, string export)
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("wisp-bench");
            try
            {
                Compare(name, wasm, export, folder.FullName);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        void Compare(string name, byte[] wasm, string export, string folder)
        {
            using var engine = new Wisp.Engine();
            using var peer = new WasmtimeStarter(WasmtimeAllocation.Pooled);
            string ours = Path.Combine(folder, "module.wisp");
            string theirs = Path.Combine(folder, "module.cwasm");
            using (Wisp.Module module = Wisp.Module.Compile(engine, wasm))
            {
                File.WriteAllBytes(ours, module.ToImage());
            }

            File.WriteAllBytes(theirs, peer.Serialize(wasm));
            byte[] exportName = System.Text.Encoding.UTF8.GetBytes(export);
            (long wisp, long other) = Paired.Minimum(
                Math.Max(context.Rounds, 50), () => WakeWisp(engine, ours, export), () => WakeWasmtime(peer, theirs, exportName));
            context.Table.Add(new Row(Table, name, wisp, other));
        }
    }

    private static long WakeWisp(Wisp.Engine engine, string path, string export)
    {
        long start = CpuClock.ThreadNanoseconds;
        using Wisp.Module module = Wisp.Module.FromImage(engine, path);
        using var store = new Wisp.Store(engine);
        new Wisp.Linker(engine).Instantiate(store, module).GetFunction(export)!.Invoke();
        return CpuClock.ThreadNanoseconds - start;
    }

    private static long WakeWasmtime(WasmtimeStarter engine, string path, ReadOnlySpan<byte> export)
    {
        long start = CpuClock.ThreadNanoseconds;
        using WasmtimeStartable module = engine.Load(path);
        nint store = module.Start(out WasmtimeApi.InstanceHandle instance);
        WasmtimeStartable.Call(store, instance, export);
        long end = CpuClock.ThreadNanoseconds;
        WasmtimeApi.DeleteStore(store);
        return end - start;
    }
}
