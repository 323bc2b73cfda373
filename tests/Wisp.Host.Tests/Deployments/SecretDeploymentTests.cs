using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Deployments;

public sealed class SecretDeploymentTests : IDisposable
{
    private const string Variables = "[variables]\nkey = { required = true, secret = true }\nmode = \"fast\"";

    private readonly DeployServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MissingValueStopsTheDeployAndSaysHowToSetIt()
    {
        DeployException refused = await Assert.ThrowsAsync<DeployException>(
            () => _server.Deploy(DeployServer.Bundle(1, Variables), cancellationToken: Stop));

        Assert.Equal("missing-variable", refused.Code);
        Assert.Contains("wisp secret set shop key", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Files());
    }

    [Fact]
    public async Task RunningVersionsSeeANewValue()
    {
        await _server.Registry.SetSecretAsync("shop", "key", "old", "tester");
        await _server.Deploy(DeployServer.Bundle(1, Variables), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2), canary: 50, cancellationToken: Stop);
        DeployedVersion untouched = _server.Host.Serving["shop"][1].Version;

        await _server.Registry.SetSecretAsync("shop", "key", "new", "tester");

        Assert.Equal("new", _server.Host.Serving["shop"][0].Version.Variables["key"]);
        Assert.Equal("fast", _server.Host.Serving["shop"][0].Version.Variables["mode"]);
        Assert.Same(untouched, _server.Host.Serving["shop"][1].Version);
        _server.Restart();
        Assert.Equal("new", _server.Host.Serving["shop"][0].Version.Variables["key"]);
    }

    [Fact]
    public async Task ValueThatRunsIsNotTakenAway()
    {
        await _server.Registry.SetSecretAsync("shop", "key", "value", "tester");
        await _server.Registry.SetSecretAsync("shop", "mode", "slow", "tester");
        await _server.Deploy(DeployServer.Bundle(1, Variables), cancellationToken: Stop);

        await _server.Registry.DeleteSecretAsync("shop", "mode", "tester");
        Assert.Equal("fast", _server.Host.Serving["shop"][0].Version.Variables["mode"]);
        DeployException refused = await Assert.ThrowsAsync<DeployException>(() => _server.Registry.DeleteSecretAsync("shop", "key", "tester"));
        Assert.Equal("missing-variable", refused.Code);
        Assert.Equal("value", _server.Host.Serving["shop"][0].Version.Variables["key"]);
        Assert.Equal(["key"], _server.Registry.Secrets("shop").Select(secret => secret.Name));
        Assert.Equal("no-such-secret", (await Assert.ThrowsAsync<DeployException>(
            () => _server.Registry.DeleteSecretAsync("shop", "nothing", "tester"))).Code);
    }

    [Fact]
    public async Task ValueIsInNoLogAndNoAudit()
    {
        await _server.Registry.SetSecretAsync("shop", "key", "s3cret-value", "tester");
        await Assert.ThrowsAsync<DeployException>(() => _server.Registry.SetSecretAsync("shop", "key", new string('x', 70_000), "tester"));

        Assert.All(_server.State.Audit.Latest(100, null), entry => Assert.DoesNotContain("s3cret", entry.ToString(), StringComparison.Ordinal));
        Assert.All(_server.Reports, line => Assert.DoesNotContain("s3cret", line, StringComparison.Ordinal));
    }

    public void Dispose() => _server.Dispose();
}
