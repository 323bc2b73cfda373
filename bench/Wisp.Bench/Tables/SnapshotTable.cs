using System.Text;
using Wisp.Bench.Measuring;
using Wisp.Permissions;
using Wisp.Wasi;

namespace Wisp.Bench.Tables;

/// <summary>The first answer of a program that computes a table before it answers, samples/collatz and the like: from the image of a snapshot behind its start-up, and
/// from that of the program alone.</summary>
internal static class SnapshotTable
{
    private const string Name = "first answer, with a snapshot";

    /// <summary>Counts the steps of Collatz sequences into a table, then reads standard input and answers.</summary>
    private const string Command = """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 32)
          (data (i32.const 0) "\20\00\00\00\0b\00\00\00")
          (data (i32.const 32) "an answer\0d\0a")
          (func $steps (param $n i64) (result i32) (local $count i32)
            (block $done
              (loop $again
                (br_if $done (i64.eq (local.get $n) (i64.const 1)))
                (local.set $n (if (result i64) (i64.eqz (i64.and (local.get $n) (i64.const 1)))
                  (then (i64.shr_u (local.get $n) (i64.const 1)))
                  (else (i64.add (i64.mul (local.get $n) (i64.const 3)) (i64.const 1)))))
                (local.set $count (i32.add (local.get $count) (i32.const 1)))
                (br $again)))
            (local.get $count))
          (func (export "_start") (local $i i32)
            (local.set $i (i32.const 1))
            (loop $again
              (i32.store16 (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 2)))
                (call $steps (i64.extend_i32_u (local.get $i))))
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000))))
            (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
        """;

    public static void Run(BenchContext context)
    {
        context.Table.Begin(Name, Quantity.Nanoseconds, ["without"]);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wisp-bench");
        try
        {
            byte[] reactor = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples", "collatz.wasm"));
            Compare(context, folder.FullName, "reactor", reactor, "handle");
            Compare(context, folder.FullName, "command", Wasm.Text.WatParser.ParseModule(Command, "command"), "_start");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        context.Table.End(Name);
    }

    private static void Compare(BenchContext context, string folder, string name, byte[] wasm, string entry)
    {
        using var engine = new Wisp.Engine();
        Wisp.Linker linker = LinkerOf(engine);
        string plain = Path.Combine(folder, "plain.wisp");
        string snapshot = Path.Combine(folder, "snapshot.wisp");
        using (var module = Wisp.Module.Compile(engine, wasm))
        {
            File.WriteAllBytes(plain, module.ToImage());
        }

        File.WriteAllBytes(snapshot, Take(plain, entry));
        string[] answers = [.. new[] { snapshot, plain }.Select(path => Answer(linker, path, entry, out _))];
        if (answers[0] != answers[1] || answers[0].Length == 0)
        {
            throw new InvalidOperationException($"{name}: the snapshot answers {answers[0]}, the program {answers[1]}");
        }

        double[][] times = Paired.Rounds(
            new Budget(Math.Max(context.Rounds, 30), context.Seconds),
            () => Measure(linker, snapshot, entry), () => Measure(linker, plain, entry));
        context.Table.Add(new Row(Name, $"{name}, from its file", times[0].Min(), times[1].Min()));

        using var ready = Wisp.Module.FromImage(engine, snapshot);
        using var cold = Wisp.Module.FromImage(engine, plain);
        times = Paired.Rounds(
            new Budget(Math.Max(context.Rounds, 30), context.Seconds),
            () => Paired.Thread(() => Answer(linker, ready, entry)), () => Paired.Thread(() => Answer(linker, cold, entry)));
        context.Table.Add(new Row(Name, $"{name}, mapped before", times[0].Min(), times[1].Min()));
    }

    private static byte[] Take(string image, string entry)
    {
        using var one = new Wisp.Engine();
        using var two = new Wisp.Engine();
        using var first = Wisp.Module.FromImage(one, image);
        using var second = Wisp.Module.FromImage(two, image);
        using var end = new CancellationTokenSource();
        Wisp.Instance[] twins = [.. new[] { first, second }.Select(module => Start(module, entry, end.Token))];
        byte[] snapshot = twins[0].ToImage(twins[1]);
        end.Cancel();
        foreach (Wisp.Instance twin in twins)
        {
            twin.Store.Dispose();
        }

        return snapshot;
    }

    private static Wisp.Instance Start(Wisp.Module module, string entry, CancellationToken end)
    {
        var store = new Wisp.Store(module.Engine) { TakesSnapshots = true };
        store.Data = new WasiContextBuilder(new PermissionGate(Grant.None, "bench")) { Input = new EndlessWait() }.Build();
        Wisp.Instance instance = LinkerOf(module.Engine).Instantiate(store, module);
        if (instance.GetFunction("_initialize") is { } initialize)
        {
            initialize.Invoke();
        }
        else
        {
            _ = instance.GetFunction(entry)!.InvokeAsync(default, end).AsTask();   // waits for its input
        }

        return instance;
    }

    private static long Measure(Wisp.Linker linker, string path, string entry)
    {
        Answer(linker, path, entry, out long nanoseconds);
        return nanoseconds;
    }

    private static string Answer(Wisp.Linker linker, string path, string entry, out long nanoseconds)
    {
        long start = CpuClock.ThreadNanoseconds;
        using var module = Wisp.Module.FromImage(linker.Engine, path);
        string answer = Answer(linker, module, entry);
        nanoseconds = CpuClock.ThreadNanoseconds - start;
        return answer;
    }

    private static string Answer(Wisp.Linker linker, Wisp.Module module, string entry)
    {
        using var output = new MemoryStream();
        using var store = new Wisp.Store(module.Engine);
        using WasiContext wasi = new WasiContextBuilder(new PermissionGate(Grant.None, "bench")) { Output = ByteSink.ToStream(output) }.Build();
        store.Data = wasi;
        Wisp.Instance instance = linker.Instantiate(store, module);
        if (module.IsWaiting)
        {
            instance.ContinueAsync().AsTask().GetAwaiter().GetResult();
            return Encoding.UTF8.GetString(output.ToArray());
        }

        if (!module.IsSnapshot)
        {
            instance.GetFunction("_initialize")?.Invoke();
        }

        instance.GetFunction(entry)!.Invoke();
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static Wisp.Linker LinkerOf(Wisp.Engine engine)
    {
        var linker = new Wisp.Linker(engine);
        WasiPreview1.Define(linker, store => (WasiContext)store.Data!);
        return linker;
    }

    /// <summary>Input that never comes.</summary>
    private sealed class EndlessWait : ByteSource
    {
        public override bool IsReady => false;

        public override bool TryRead(Span<byte> buffer, out int count)
        {
            count = 0;
            return false;
        }

        public override ValueTask WaitAsync(CancellationToken cancellationToken) => new(Task.Delay(Timeout.Infinite, cancellationToken));
    }
}
