using System.Diagnostics;
using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Hosting;

[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class RestingAppsCollection;

/// <summary>What apps cost of which nobody asks anything. Alone in the process: the memory of other tests would count.</summary>
[Collection("alone")]
public sealed class RestingAppsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ThousandAppsAtRestCostLittle()
    {
        const int Apps = 1000;
        const long MostEach = 100 << 10;
        var clock = new ManualClock(Noon);
        await using RunningHost host = await RunningHost.StartAsync(clock: clock);
        DeployedVersion pattern = host.Version("pattern", 1, Programs.Print("Content-Type: text/plain\n\nhello"));
        host.Serve(pattern);
        await host.GetTextAsync("pattern.localhost");   // what is made once
        (long managed, long resident) = MemoryInUse();

        for (int i = 0; i < Apps; i++)
        {
            host.Serve(host.SameVersion($"app{i}", 1, pattern));
        }

        (long managedAtRest, long residentAtRest) = MemoryInUse();
        Assert.InRange(managedAtRest - managed, long.MinValue, Apps * MostEach);
        Assert.InRange(residentAtRest - resident, long.MinValue, Apps * MostEach);

        for (int i = 0; i < Apps; i++)
        {
            Assert.Equal("hello", await host.GetTextAsync($"app{i}.localhost"));
        }

        Assert.Equal(Apps + 1, host.Host.Loaded);
        for (int hours = 1; host.Host.Loaded > 0; hours++)
        {
            clock.Set(Noon.AddHours(hours));
            await Task.Delay(5, Stop);   // an invocation ends a moment after its answer
        }

        (managedAtRest, _) = MemoryInUse();
        Assert.DoesNotContain(pattern.Images["c"], await File.ReadAllTextAsync("/proc/self/maps", Stop), StringComparison.Ordinal);
        Assert.InRange(managedAtRest - managed, long.MinValue, Apps * MostEach);
    }

    private static (long Managed, long Resident) MemoryInUse()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: false), process.WorkingSet64);
    }
}
