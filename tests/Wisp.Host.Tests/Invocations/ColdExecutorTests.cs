using Microsoft.AspNetCore.Http;
using Wisp.Host.Invocations;
using Wisp.Host.Routing;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tests.Invocations;

public sealed class ColdExecutorTests
{
    [Fact]
    public async Task OneLoadServesAllThatWaitForIt()
    {
        using var sweep = new IdleSweep(TimeProvider.System);
        using var mayLoad = new ManualResetEventSlim();
        int loads = 0;
        using var cold = new ColdExecutor(
            () =>
            {
                Interlocked.Increment(ref loads);
                mayLoad.Wait();
                return new Answering();
            },
            TimeSpan.FromMinutes(1), sweep, new RequestLog(TextWriter.Null));

        Task<InvocationOutcome>[] first = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => cold.ServeAsync(Request(), CancellationToken.None)))];
        while (Volatile.Read(ref loads) == 0)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }

        Task<InvocationOutcome>[] meanwhile = [.. Enumerable.Range(0, 4).Select(_ => cold.ServeAsync(Request(), CancellationToken.None))];
        Assert.All(meanwhile, task => Assert.False(task.IsCompleted));
        mayLoad.Set();
        InvocationOutcome[] outcomes = [.. await Task.WhenAll(first), .. await Task.WhenAll(meanwhile)];

        Assert.Equal(1, loads);
        Assert.All(outcomes, outcome => Assert.Equal(200, outcome.Status));
        Assert.True(outcomes.Count(outcome => outcome.Figures.Wake is not null) >= 5);
        Assert.Null((await cold.ServeAsync(Request(), CancellationToken.None)).Figures.Wake);
    }

    private static RoutedRequest Request() =>
        new(new DefaultHttpContext(), RouteMatch.Whole("/"), new InvocationId(InvocationOrigin.None, 1));

    private sealed class Answering : IExecutor
    {
        public Task<InvocationOutcome> ServeAsync(RoutedRequest request, CancellationToken shutdown) =>
            Task.FromResult(new InvocationOutcome(200));

        public Task<CronOutcome> TickAsync(CronTick tick, CancellationToken shutdown) => Task.FromResult(new CronOutcome(CronOutcome.Ok));

        public void Dispose()
        {
        }
    }
}
