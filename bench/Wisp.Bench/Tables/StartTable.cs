using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>
/// Instantiating and dropping, store included, with imports bound beforehand on both sides: beside Wasmtime on demand and beside its
/// pooling allocator, from one thread and from two at once.
/// </summary>
internal static class StartTable
{
    private const int Times = 2000;

    public static void Run(BenchContext context)
    {
        Compare(context, WasmtimeAllocation.OnDemand, "start beside Wasmtime on demand", threads: 1);
        Compare(context, WasmtimeAllocation.Pooled, "start beside Wasmtime pooled", threads: 1);
        Compare(context, WasmtimeAllocation.Pooled, "the same from 2 threads", threads: 2);
    }

    private static void Compare(BenchContext context, WasmtimeAllocation allocation, string table, int threads)
    {
        context.Table.Begin(table);
        using var engine = new Wisp.Engine();
        using var peer = new WasmtimeStarter(allocation);
        foreach ((string name, byte[] wasm, bool calls) in StartModules.All())
        {
            if (context.Filter is { } filter && !name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            using IStartable ours = new WispStartable(engine, Wisp.Module.Compile(engine, wasm));
            using IStartable theirs = peer.Compile(wasm);
            Timed(ours, calls, threads);
            (long wisp, long other) = Paired.Minimum(
                context.Rounds, () => Timed(ours, calls, threads), () => Timed(theirs, calls, threads));
            context.Table.Add(new Row(table, name, (double)wisp / Times / threads, (double)other / Times / threads));
        }

        context.Table.End(table);
    }

    // CPU time of all threads together, which includes what the kernel does for each of them.
    private static long Timed(IStartable module, bool calls, int threads)
    {
        if (threads == 1)
        {
            return Paired.Thread(() => Repeat(module, calls));
        }

        long total = 0;
        var workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            workers[i] = new Thread(() => Interlocked.Add(ref total, Paired.Thread(() => Repeat(module, calls))));
            workers[i].Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        return total;
    }

    private static void Repeat(IStartable module, bool calls)
    {
        for (int i = 0; i < Times; i++)
        {
            module.StartAndDrop(calls);
        }
    }
}
