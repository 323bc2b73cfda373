using System.Runtime.Intrinsics;

namespace Wisp.Runtime.Tests.Interrupts;

public sealed class TimeSliceTests
{
    private const string Work = """
        (module
          (func (export "count") (param i32) (result i32) (local $i i32)
            (loop $again
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $i) (local.get 0))))
            (local.get $i))
          (func (export "spin") (loop $again (br $again))))
        """;

    [Fact]
    public async Task CallThatTakesManySlicesYieldsItsThreadAndEndsWithItsResult()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(2) });
        Function count = guest.Instantiate(Work).GetFunction("count")!;

        ValueTask<Value[]> call = count.InvokeAsync(new Value[] { 200_000_000 }, TestContext.Current.CancellationToken);

        Assert.False(call.IsCompleted);   // came back after its first slice
        Assert.Equal(200_000_000, (await call)[0].AsInt32());
    }

    [Fact]
    public async Task VectorsOutliveTheEndOfASliceWhole()
    {
        // Eight sums are in registers all the time; each slice ends at the loop's header.
        string sums = string.Concat(Enumerable.Range(0, 8).Select(n => $"(local $v{n} v128)"));
        string steps = string.Concat(Enumerable.Range(0, 8).Select(n =>
            $"(local.set $v{n} (i64x2.add (local.get $v{n}) (v128.const i64x2 {n + 1} {-n - 1})))"));
        string total = Enumerable.Range(1, 7).Aggregate("(local.get $v0)", (sum, n) => $"(i64x2.add {sum} (local.get $v{n}))");
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
        Function sum = guest.Instantiate($"""
            (module (func (export "sum") (param $count i32) (result v128) {sums}
              (loop $again {steps}
                (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
              {total}))
            """).GetFunction("sum")!;

        ValueTask<Value[]> call = sum.InvokeAsync(new Value[] { 50_000_000 }, TestContext.Current.CancellationToken);

        Assert.False(call.IsCompleted);
        Assert.Equal(Vector128.Create(36 * 50_000_000L, -36 * 50_000_000L), (await call)[0].AsVector128().AsInt64());
    }

    [Fact]
    public async Task EndlessLoopInSlicesStillEndsByItsDeadline()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
        Function spin = guest.Instantiate(Work).GetFunction("spin")!;
        guest.Store.SetDeadline(TimeSpan.FromMilliseconds(30));

        TrapException trap = await Assert.ThrowsAsync<TrapException>(
            async () => await spin.InvokeAsync(default, TestContext.Current.CancellationToken));

        Assert.Equal(TrapKind.DeadlineExceeded, trap.Kind);
    }

    [Fact]
    public async Task CallsThatComputeLeaveTheThreadPoolToOthers()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
        Module module = guest.Compile(Work);
        using var cancel = new CancellationTokenSource();
        Store[] stores = [.. Enumerable.Range(0, Environment.ProcessorCount * 8)
            .Select(_ => new Store(guest.Engine, new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) }))];
        Task[] spinning = [.. stores.Select(store =>
            guest.Linker.Instantiate(store, module).GetFunction("spin")!.InvokeAsync(default, cancel.Token).AsTask())];

        for (int hop = 0; hop < 100; hop++)
        {
            Assert.False(await Task.Run(() => Thread.CurrentThread.Name == "wisp compute", TestContext.Current.CancellationToken));
        }

        Assert.DoesNotContain(spinning, call => call.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(spinning));
        Array.ForEach(stores, store => store.Dispose());
    }

    [Fact]
    public async Task CallThatHasComputedIsBackInTheThreadPool()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
        Function count = guest.Instantiate(Work).GetFunction("count")!;

        bool isInThreadPool = await Task.Run(
            async () =>
            {
                await count.InvokeAsync(new Value[] { 200_000_000 });
                return Thread.CurrentThread.IsThreadPoolThread;
            },
            TestContext.Current.CancellationToken);

        Assert.True(isInThreadPool);
    }

    // Between two slices the store belongs to nobody: what a loop knew about a table before its check may no longer hold.
    [Fact]
    public async Task LoopSeesATableThatGrewBetweenItsSlices()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
        Instance instance = guest.Instantiate("""
            (module
              (type $answer (func (result i32)))
              (table $t 1 1000000 funcref)
              (elem (i32.const 0) $answer)
              (func $answer (result i32) (i32.const 42))
              (func (export "grow") (drop (table.grow $t (ref.func $answer) (i32.const 500000))))
              (func (export "wait") (result i32)
                (if (i32.eq (table.size $t) (i32.const 1)) (then
                  (loop $again
                    (br_if $again (i32.eq (table.size $t) (i32.const 1))))))
                (call_indirect $t (type $answer) (i32.sub (table.size $t) (i32.const 1)))))
            """);

        guest.Store.SetDeadline(TimeSpan.FromMinutes(1));   // a guest that does not see it waits for ever
        ValueTask<Value[]> call = instance.GetFunction("wait")!.InvokeAsync(default, TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        await instance.GetFunction("grow")!.InvokeAsync(default, TestContext.Current.CancellationToken);

        Assert.Equal(42, (await call)[0].AsInt32());
    }

    [Fact]
    public void BlockingCallDoesNotYield()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });

        Assert.Equal(50_000_000, guest.Instantiate(Work).GetFunction<int, int>("count").Invoke(50_000_000));
    }
}
