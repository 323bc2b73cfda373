using Wisp.Host.Apps;
using Wisp.Host.Cron;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;
using Wisp.Host.Manifests;

namespace Wisp.Host.Tests.Hosting;

public sealed class HostedAppTests
{
    [Theory]
    [InlineData(90, 10)]
    [InlineData(99, 1)]
    [InlineData(1, 99)]
    [InlineData(20, 30, 50)]
    [InlineData(25, 25, 25, 25)]
    [InlineData(1, 1, 1)]
    public void EachVersionGetsItsPartAlsoOfAFewRequests(params int[] weights)
    {
        using var path = new RequestPath(new RequestLog(TextWriter.Null));
        var app = new HostedApp(new CronTriggers(path, TimeProvider.System));
        app.SetShares([.. weights.Select((weight, i) => new HostedShare(Version(i), new App("app", new(), [], [], i), weight))]);
        int[] counts = new int[weights.Length];

        for (int taken = 1; taken <= 10_000; taken++)
        {
            App version = app.Take()!;
            counts[version.Origin.Version]++;
            version.ReleaseUse();
            if (taken is 100 or 1000 or 10_000)
            {
                for (int i = 0; i < weights.Length; i++)
                {
                    Assert.Equal(weights[i] / (double)weights.Sum(), counts[i] / (double)taken, 2.0 / (taken / 100));
                }
            }
        }
    }

    [Fact]
    public void NothingIsTakenOfAnAppThatWasRemoved()
    {
        using var path = new RequestPath(new RequestLog(TextWriter.Null));
        var app = new HostedApp(new CronTriggers(path, TimeProvider.System));
        app.SetShares([new HostedShare(Version(1), new App("app", new(), [], [], 1), 100)]);

        app.SetShares([]);

        Assert.Null(app.Take());
    }

    private static DeployedVersion Version(int number) => new("app", number, new AppManifest("/nowhere", "app", null));
}
