using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Live;

namespace Wisp.Host.Tests.Telemetry.Live;

public sealed class InvocationHistoryTests
{
    private readonly InvocationHistory _history = new();

    [Fact]
    public void LatestAreKeptAndOfThoseThatFailedMore()
    {
        for (int number = 1; number <= 1000; number++)
        {
            Add(number, number % 100 == 0 ? 500 : 200, denied: number == 50 ? 1 : 0);
        }

        long[] latest = [.. _history.Latest("shop", 1000, failed: false).Select(record => record.Number)];
        Assert.Equal(Enumerable.Range(901, 100).Reverse().Select(number => (long)number), latest.Take(100));
        Assert.Equal([900, 800, 700, 600, 500, 400, 300, 200, 100, 50], latest.Skip(100));
        Assert.Equal([1000, 900, 800], _history.Latest("shop", 3, failed: true).Select(record => record.Number));
        Assert.Equal([1000, 999], _history.Latest("shop", 2, failed: false).Select(record => record.Number));
        Assert.Empty(_history.Latest("blog", 10, failed: false));
    }

    [Fact]
    public void WhatClientsAndProgramsMakeLongIsCut()
    {
        Add(1, 500, new string('t', 8000), new string('f', 100_000));
        InvocationRecord record = Assert.Single(_history.Latest("shop", 10, failed: true));
        Assert.Equal((513, 8193), (record.Target!.Length, record.Failure!.Length));
    }

    [Fact]
    public void AppThatIsForgottenHasNone()
    {
        Add(1, 500);
        _history.Forget("shop");
        Assert.Empty(_history.Latest("shop", 10, failed: false));
    }

    private void Add(int number, int status, string target = "/", string? failure = null, long denied = 0) => _history.Completed(new InvocationRecord
    {
        Number = number,
        Started = DateTimeOffset.UnixEpoch,
        Origin = new InvocationOrigin("shop", 1, "/", "web"),
        Method = "GET",
        Target = target,
        Status = status,
        Failure = failure,
        Figures = new RunFigures(TimeSpan.Zero, TimeSpan.Zero, 0, null, null, denied),
    });
}
