using Wisp.Host.Invocations;

namespace Wisp.Host.Tests.Invocations;

public sealed class AdmissionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlacesGoToThoseWhoWaitInTheirOrder()
    {
        var admission = new Admission(concurrency: 1, queue: 2);
        Assert.True(await admission.EnterAsync(null, Stop));
        Task<bool> first = admission.EnterAsync(null, Stop).AsTask();
        Task<bool> second = admission.EnterAsync(null, Stop).AsTask();

        Assert.False(await admission.EnterAsync(null, Stop));   // the queue is full
        admission.Leave();

        Assert.True(await first);
        Assert.False(second.IsCompleted);
        admission.Leave();
        Assert.True(await second);
        admission.Leave();
        Assert.True(await admission.EnterAsync(null, Stop));
    }

    [Fact]
    public async Task WhoGivesUpLeavesTheQueue()
    {
        var admission = new Admission(concurrency: 1, queue: 2);
        Assert.True(await admission.EnterAsync(null, Stop));
        using var gone = new CancellationTokenSource();
        Task<bool> impatient = admission.EnterAsync(TimeSpan.FromMilliseconds(1), Stop).AsTask();
        Task<bool> cancelled = admission.EnterAsync(null, gone.Token).AsTask();

        await gone.CancelAsync();

        Assert.False(await impatient);
        Assert.False(await cancelled);
        Assert.Equal(0, admission.Waiting);
        admission.Leave();
        Assert.True(await admission.EnterAsync(null, Stop));
    }

    [Fact]
    public async Task NeverMoreThanItsConcurrencyRunAtOnce()
    {
        var admission = new Admission(concurrency: 3, queue: 1000);
        int running = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(async () =>
        {
            Assert.True(await admission.EnterAsync(null, Stop));
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            admission.Leave();
        })));

        Assert.InRange(most, 1, 3);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
