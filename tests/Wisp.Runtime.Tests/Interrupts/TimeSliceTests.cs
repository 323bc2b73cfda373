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
    public void BlockingCallDoesNotYield()
    {
        using var guest = new Guest(new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });

        Assert.Equal(50_000_000, guest.Instantiate(Work).GetFunction<int, int>("count").Invoke(50_000_000));
    }
}
