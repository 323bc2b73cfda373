using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>Compile time of whole modules on one thread, as CPU time of the process.</summary>
internal static class CompileTable
{
    public static void Run(BenchContext context, IEnumerable<(string Name, byte[] Wasm)> modules)
    {
        const string Table = "compile time, one thread";
        context.Table.Begin(Table);
        foreach ((string name, byte[] wasm) in modules)
        {
            (long wisp, long peer) = Paired.Minimum(
                context.Rounds, () => Timed(context.Wisp, wasm), () => Timed(context.Peer, wasm));
            context.Table.Add(new Row(Table, $"{name} ({wasm.Length / 1024} KiB)", wisp, peer));
        }

        context.Table.End(Table);
    }

    private static long Timed(IEngine engine, byte[] wasm)
    {
        GC.Collect();
        long start = CpuClock.ProcessNanoseconds;
        engine.Compile(wasm).Dispose();
        return CpuClock.ProcessNanoseconds - start;
    }
}
