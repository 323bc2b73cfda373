using System.Diagnostics;
using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Stacks;

public sealed class StressTests
{
    // Everything at once, as a server does it: fresh instances on many threads, waits, traps, deadlines, cancellation, collections.
    [Fact]
    public async Task ManyStoresAtOnceEndEachTheirOwnWay()
    {
        const int Workers = 8;
        using var guest = new Guest();
        guest.Linker.DefineFunction(
            "host", "wait", new FunctionType([ValType.I32], [ValType.I32]), async call =>
            {
                await Task.Delay(call.GetInt32(0), call.CancellationToken).ConfigureAwait(false);
                call.SetResult(call.GetInt32(0));
            });
        Module module = guest.Compile("""
            (module
              (import "host" "wait" (func $wait (param i32) (result i32)))
              (memory 1)
              (func (export "wait") (param i32) (result i32)
                (i32.store (i32.const 8) (local.get 0))
                (drop (call $wait (i32.const 1)))
                (i32.add (call $wait (i32.const 1)) (i32.load (i32.const 8))))
              (func (export "never") (param i32) (result i32) (call $wait (i32.const -1)))
              (func (export "spin") (param i32) (result i32) (loop $again (br $again)) (i32.const 0))
              (func (export "trap") (param i32) (result i32) (i32.load (i32.const -1))))
            """);
        long end = Stopwatch.GetTimestamp() + (Stopwatch.Frequency * 3 / 2);
        int[] outcomes = new int[5];
        Task[] workers = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (Stopwatch.GetTimestamp() < end)
            {
                int kind = random.Next(5);
                using var store = new Store(guest.Engine, new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
                using var cancel = new CancellationTokenSource();
                Instance instance = guest.Linker.Instantiate(store, module);
                string name = kind switch { 0 => "wait", 1 => "trap", 2 or 4 => "never", _ => "spin" };
                if (kind is 2 or 3)
                {
                    store.SetDeadline(TimeSpan.FromMilliseconds(random.Next(4)));
                }
                else if (kind == 4)
                {
                    cancel.CancelAfter(random.Next(4));
                }

                try
                {
                    Value[] result = await instance.GetFunction(name)!.InvokeAsync(new Value[] { worker }, cancel.Token);
                    Assert.Equal(0, kind);
                    Assert.Equal(worker + 1, result[0].AsInt32());
                }
                catch (TrapException trap)
                {
                    Assert.Equal(kind == 1 ? TrapKind.MemoryOutOfBounds : TrapKind.DeadlineExceeded, trap.Kind);
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(4, kind);
                }

                if (Interlocked.Increment(ref outcomes[kind]) % 50 == 0)
                {
                    GC.Collect(1, GCCollectionMode.Forced, blocking: false);
                }
            }
        }))];
        await Task.WhenAll(workers);

        Assert.All(outcomes, static count => Assert.NotEqual(0, count));
    }
}
