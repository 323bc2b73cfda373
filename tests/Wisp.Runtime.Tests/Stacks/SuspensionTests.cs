using System.Diagnostics;
using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Stacks;

public sealed class SuspensionTests
{
    [Fact]
    public async Task TenThousandInstancesWaitAtOnceWithFewThreads()
    {
        const int Instances = 10_000;
        using var guest = new Guest();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        guest.Linker.DefineFunction(
            "host", "wait", new FunctionType([ValType.I32], [ValType.I32]), async call =>
            {
                await gate.Task.ConfigureAwait(false);
                call.SetResult(call.GetInt32(0) + 1);
            });
        Module module = guest.Compile("""
            (module
              (import "host" "wait" (func $wait (param i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "run") (param i32) (result i32)
                (i32.store (i32.const 0) (local.get 0))
                (i32.add (call $wait (local.get 0)) (i32.load (i32.const 0)))))
            """);
        long before = ResidentBytes();
        var stores = new Store[Instances];
        var calls = new Task<Value[]>[Instances];
        for (int i = 0; i < Instances; i++)
        {
            stores[i] = new Store(guest.Engine);
            calls[i] = guest.Linker.Instantiate(stores[i], module).GetFunction("run")!
                .InvokeAsync(new Value[] { i }, TestContext.Current.CancellationToken).AsTask();
        }

        Assert.All(calls, call => Assert.False(call.IsCompleted));
        int threads = Process.GetCurrentProcess().Threads.Count;
        long each = (ResidentBytes() - before) / Instances;
        TestContext.Current.TestOutputHelper?.WriteLine($"{threads} threads, {each} bytes for each waiting instance");
        gate.SetResult();
        Value[][] results = await Task.WhenAll(calls);

        for (int i = 0; i < Instances; i++)
        {
            Assert.Equal((2 * i) + 1, results[i][0].AsInt32());
            stores[i].Dispose();
        }

        Assert.InRange(threads, 1, 49);
        Assert.InRange(each, 1, 64 << 10);
    }

    [Fact]
    public async Task CallsIntoOneStoreTakeTurns()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction(
            "host", "yield", new FunctionType([], []), async call => await Task.Yield());
        Instance instance = guest.Instantiate("""
            (module
              (import "host" "yield" (func $yield))
              (global $running (mut i32) (i32.const 0))
              (func (export "run") (result i32) (local $n i32)
                (loop $again
                  (if (global.get $running) (then unreachable))
                  (global.set $running (i32.const 1))
                  (global.set $running (i32.const 0))
                  (call $yield)
                  (local.set $n (i32.add (local.get $n) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $n) (i32.const 100))))
                (local.get $n)))
            """);
        Function run = instance.GetFunction("run")!;

        Task<Value[]>[] calls = [.. Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => run.InvokeAsync(default, CancellationToken.None).AsTask()))];
        Value[][] results = await Task.WhenAll(calls);

        Assert.All(results, result => Assert.Equal(100, result[0].AsInt32()));
    }

    [Fact]
    public async Task AsyncHostFunctionMayCallBackIntoItsStore()
    {
        using var guest = new Guest();
        Instance? instance = null;
        guest.Linker.DefineFunction(
            "host", "f", new FunctionType([ValType.I32], [ValType.I32]), async call =>
            {
                await Task.Yield();
                Value[] inner = await instance!.GetFunction("double")!.InvokeAsync(new Value[] { call.GetInt32(0) });
                call.SetResult(inner[0].AsInt32() + 1);
            });
        instance = guest.Instantiate("""
            (module
              (import "host" "f" (func $f (param i32) (result i32)))
              (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
              (func (export "run") (param i32) (result i32) (call $f (call $f (local.get 0)))))
            """);

        Value[] result = await instance.GetFunction("run")!.InvokeAsync(new Value[] { 3 }, CancellationToken.None);

        Assert.Equal(15, result[0].AsInt32());
    }

    [Fact]
    public async Task ExceptionOfAWaitingHostFunctionComesOutOfTheCall()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction("host", "f", new FunctionType([], []), async _ =>
        {
            await Task.Yield();
            throw new FileNotFoundException("later");
        });
        Instance instance = guest.Instantiate("""
            (module (import "host" "f" (func $f)) (func (export "run") (call $f)))
            """);

        await Assert.ThrowsAsync<FileNotFoundException>(
            async () => await instance.GetFunction("run")!.InvokeAsync(default, CancellationToken.None));
        Assert.Throws<FileNotFoundException>(() => instance.GetFunction("run")!.Invoke());
    }

    private static long ResidentBytes()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(6, line.Length - 9).Trim(), System.Globalization.CultureInfo.InvariantCulture) << 10;
            }
        }

        return 0;
    }
}
