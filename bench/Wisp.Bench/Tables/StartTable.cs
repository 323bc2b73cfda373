using System.Diagnostics;
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

    /// <summary>Threads ran together when their time by the clock is at most so many times their processor time.</summary>
    private const double TogetherRatio = 1.15;
    private const int Attempts = 10;

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

        // Rounds in which the threads had to share a processor with others say nothing about how they get on with each other.
        long least = 0;
        double leastApart = double.MaxValue;
        for (int attempt = 0; attempt < Attempts && leastApart > TogetherRatio; attempt++)
        {
            (long processor, long wall) = TimeTogether(module, calls, threads);
            if ((double)wall * threads / processor is var apart && apart < leastApart)
            {
                (least, leastApart) = (processor, apart);
            }
        }

        return least;
    }

    // Processor time of all threads, and time from the first one's start to the last one's end.
    private static (long Processor, long Wall) TimeTogether(IStartable module, bool calls, int threads)
    {
        long total = 0;
        long end = 0;
        long start = 0;
        using var all = new Barrier(threads, _ => start = Stopwatch.GetTimestamp());   // else the first is done when the second has started
        var workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            workers[i] = new Thread(() =>
            {
                all.SignalAndWait();
                Interlocked.Add(ref total, Paired.Thread(() => Repeat(module, calls)));
                Volatile.Write(ref end, Stopwatch.GetTimestamp());
            });
            workers[i].Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        return (total, (long)Stopwatch.GetElapsedTime(start, end).TotalNanoseconds);
    }

    private static void Repeat(IStartable module, bool calls)
    {
        for (int i = 0; i < Times; i++)
        {
            module.StartAndDrop(calls);
        }
    }
}
