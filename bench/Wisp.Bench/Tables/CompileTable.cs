using System.Diagnostics;
using Wisp.Bench.Compiling;
using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>What compiling takes: time on one thread and on all, and memory. Modules that an engine refuses say so.</summary>
internal static class CompileTable
{
    // Below, a process' peak moves more by itself than by the module.
    private const int LeastBytesForMemory = 150_000;

    private const int LeastBytesForThreads = 500_000;
    private const int MemoryRuns = 2;

    public static void Run(BenchContext context, IReadOnlyList<CompileModule> modules)
    {
        OneThread(context, modules);
        CompileModule[] large = modules.Where(module => module.Wasm.Length >= LeastBytesForThreads).ToArray();
        if (large.Length > 0)
        {
            AllThreads(context, large);
        }

        CompileModule[] weighed = modules.Where(module => module.Wasm.Length >= LeastBytesForMemory).ToArray();
        if (weighed.Length > 0)
        {
            Memory(context, weighed, 1);
            Memory(context, weighed, Environment.ProcessorCount);
        }
    }

    private static void OneThread(BenchContext context, IEnumerable<CompileModule> modules)
    {
        const string Table = "compile throughput, one thread";
        context.Table.Begin(Table, Quantity.NanosecondsPerByte, [context.Peer.Name]);
        foreach (CompileModule module in modules)
        {
            context.Table.Add(Compare(Table, module, context.Budget, context.Wisp, context.Peer, CpuTime));
        }

        context.Table.End(Table);
    }

    private static void AllThreads(BenchContext context, IEnumerable<CompileModule> modules)
    {
        string table = $"compile throughput, {Environment.ProcessorCount} threads";
        using var wisp = new WispEngine(Environment.ProcessorCount);
        using var peer = new WasmtimeEngine(interruptible: false, isParallel: true);
        context.Table.Begin(table, Quantity.NanosecondsPerByte, [peer.Name]);
        foreach (CompileModule module in modules)
        {
            context.Table.Add(Compare(table, module, context.Budget, wisp, peer, WallTime));
        }

        context.Table.End(table);
    }

    private static void Memory(BenchContext context, IEnumerable<CompileModule> modules, int threads)
    {
        string table = $"peak memory of compiling, {(threads == 1 ? "one thread" : threads + " threads")}";
        context.Table.Begin(table, Quantity.Bytes, [context.Peer.Name]);
        foreach (CompileModule module in modules)
        {
            Cell[] cells = ((string[])["wisp", "wasmtime"]).Select(engine =>
            {
                try
                {
                    return Cell.Of(CompileChild.AddedBytes(engine, threads, module.Wasm, MemoryRuns));
                }
                catch (InvalidOperationException e)
                {
                    return Cell.Refused(e.Message);
                }
            }).ToArray();
            context.Table.Add(new Row(table, Title(module), cells));
        }

        context.Table.End(table);
    }

    private static Row Compare(
        string table, CompileModule module, Budget budget, IEngine wisp, IEngine peer, Func<IEngine, byte[], long> measure)
    {
        string?[] refusals = [Refusal(wisp, module), Refusal(peer, module)];
        if (refusals.Any(refusal => refusal is not null))
        {
            return new Row(table, Title(module), refusals.Select(refusal => new Cell(double.NaN, [], refusal)).ToArray());
        }

        double[][] times = Paired.Rounds(budget, () => measure(wisp, module.Wasm), () => measure(peer, module.Wasm));
        return new Row(
            table, Title(module), times.Select(rounds => Cell.Of(Array.ConvertAll(rounds, time => time / module.Wasm.Length))).ToArray());
    }

    private static string? Refusal(IEngine engine, CompileModule module)
    {
        try
        {
            engine.Compile(module.Wasm).Dispose();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e.Message.Split('\n')[0];
        }
    }

    private static string Title(CompileModule module) => $"{module.Name} ({module.Wasm.Length / 1024} KiB)";

    private static long CpuTime(IEngine engine, byte[] wasm)
    {
        GC.Collect();
        long start = CpuClock.ProcessNanoseconds;
        engine.Compile(wasm).Dispose();
        return CpuClock.ProcessNanoseconds - start;
    }

    private static long WallTime(IEngine engine, byte[] wasm)
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        engine.Compile(wasm).Dispose();
        return (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }
}
