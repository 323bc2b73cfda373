using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Deployments;

/// <summary>A change that fails at any point leaves everything as it was.</summary>
public sealed class FaultInjectionTests : IDisposable
{
    private readonly DeployServer _server = new();
    private string? _failing;
    private Exception? _failure;
    private Action _beforeFailure = () => { };

    public FaultInjectionTests()
    {
        _server.Options = new DeploymentOptions
        {
            KeepVersions = 1,
            OnPoint = point =>
            {
                if (point == _failing)
                {
                    _beforeFailure();
                    throw _failure ?? new IOException($"no space left at {point}");
                }
            },
        };
        _server.Restart();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("verify")]
    [InlineData("validate")]
    [InlineData("built")]
    [InlineData("validated")]
    [InlineData("compiled")]
    [InlineData("probe")]
    [InlineData("synced")]
    [InlineData("switch")]
    [InlineData("switched")]
    public async Task DeployThatFailsLeavesNothing(string point)
    {
        const string Fs = "permissions.fs = [{ host = \"data\", guest = \"/data\" }]";
        _failing = point;
        DeployException first = await Assert.ThrowsAsync<DeployException>(() => _server.Deploy(DeployServer.Bundle(1, Fs), accept: true, cancellationToken: Stop));
        Assert.Contains(point, first.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Files());
        Assert.Empty(_server.Registry.List());
        Assert.Equal("none", _server.Host.TrafficOf("shop"));

        _failing = null;
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        List<string> files = _server.Files();
        int audited = _server.State.Audit.Latest(100, null).Count;
        _failing = point;
        await Assert.ThrowsAsync<DeployException>(() => _server.Deploy(DeployServer.Bundle(2, Fs), accept: true, cancellationToken: Stop));

        Assert.Equal(files, _server.Files());
        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
        Assert.Equal([1], _server.Registry.Versions("shop").Select(version => version.Number));
        Assert.Equal(audited, _server.State.Audit.Latest(100, null).Count);
        Assert.All(_server.Reports, line => Assert.Contains(point, line, StringComparison.Ordinal));
        _server.Reports.Clear();
        _failing = null;
        _server.Restart();
        Assert.Empty(_server.Reports);
        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeployCountsOnceItIsCommittedThoughCleaningUpFails(bool isDatabase)
    {
        _failure = isDatabase ? new Microsoft.Data.Sqlite.SqliteException("no space left in the database", 13) : null;
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        _failing = "clean";

        await _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop);

        Assert.Equal("2=100", _server.Host.TrafficOf("shop"));
        Assert.Contains(_server.Reports, line => line.Contains("no space left", StringComparison.Ordinal));
        _failing = null;
        _server.Restart();
        Assert.Equal(["2"], Directory.GetDirectories(Path.Combine(_server.Data, "apps", "shop")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task ReasonIsToldThoughTakingBackFails()
    {
        const string Fs = "permissions.fs = [{ host = \"data\", guest = \"/data\" }]";
        _failing = "validated";
        string version = Path.Combine(_server.Data, "apps", "shop", "1");
        _beforeFailure = () =>
        {
            Directory.Delete(Path.Combine(_server.Data, "storage", "shop"), recursive: true);
            Directory.Delete(version, recursive: true);
            Directory.Delete(Path.GetDirectoryName(version)!);
        };

        DeployException failure = await Assert.ThrowsAsync<DeployException>(() => _server.Deploy(DeployServer.Bundle(1, Fs), accept: true, cancellationToken: Stop));

        Assert.Contains("no space left", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Files());
    }

    [Fact]
    public async Task HostThatRefusesLeavesTheOldTraffic()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2), canary: 50, cancellationToken: Stop);
        int told = 0;
        _server.Host.Told = _ =>
        {
            if (told++ == 0)
            {
                throw new DeployException("host-taken", "another app answers there");
            }
        };

        Assert.Equal("host-taken", (await Assert.ThrowsAsync<DeployException>(() => _server.Registry.RollbackAsync("shop", 1, "tester"))).Code);

        Assert.Equal("1=50,2=50", _server.Host.TrafficOf("shop"));
        _server.Restart();
        Assert.Equal("1=50,2=50", _server.Host.TrafficOf("shop"));
    }

    public void Dispose() => _server.Dispose();
}
