using System.IO.Pipelines;
using System.Security.Cryptography;
using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Deployments;

public sealed class DeploymentRegistryTests : IDisposable
{
    private readonly DeployServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeployMakesAVersionThatGetsAllTraffic()
    {
        byte[] bundle = DeployServer.Bundle(1);

        AppStatus first = await _server.Deploy(bundle, cancellationToken: Stop);
        AppStatus second = await _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop);

        Assert.Equal((1, 2), (first.Latest, second.Latest));
        Assert.Equal("2=100", _server.Host.TrafficOf("shop"));
        Assert.Equal([2, 1], _server.Registry.Versions("shop").Select(version => version.Number));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bundle)), _server.Registry.Versions("shop")[1].Digest);
        DeployedVersion running = _server.Host.Serving["shop"][0].Version;
        Assert.True(_server.State.Images.IsUsable(Path.GetFileNameWithoutExtension(running.Images["app"])));
        Assert.True(File.Exists(Path.Combine(running.Manifest.Folder, "app.wat")));
        Assert.Equal(["deploy", "deploy"], _server.State.Audit.Latest(10, null).Select(entry => entry.Action));
    }

    [Fact]
    public async Task RestartBringsEverythingBack()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2), canary: 10, cancellationToken: Stop);
        List<string> files = _server.Files();

        _server.Restart();

        Assert.Equal("1=90,2=10", _server.Host.TrafficOf("shop"));
        Assert.Equal(files, _server.Files());
        Assert.Empty(_server.Reports);
        Assert.Equal(3, (await _server.Deploy(DeployServer.Bundle(3), cancellationToken: Stop)).Latest);
    }

    [Fact]
    public async Task WrongDigestIsRefused()
    {
        byte[] bundle = DeployServer.Bundle(1);

        await Refused("digest-mismatch", () => _server.Registry.DeployAsync(
            new DeployRequest("shop", new MemoryStream(bundle), SHA256.HashData("other"u8), "tester"), new Progress<DeployStep>(_ => { }), Stop));
    }

    [Fact]
    public async Task SlowUploadHoldsNothingUp()
    {
        _server.Options = new DeploymentOptions { ConcurrentDeploys = 1 };
        _server.Restart();
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop);
        byte[] bundle = DeployServer.Bundle(3);
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(bundle.AsMemory(0, 100), Stop);
        Task<AppStatus> slow = _server.Registry.DeployAsync(
            new DeployRequest("shop", pipe.Reader.AsStream(), SHA256.HashData(bundle), "tester"), new Progress<DeployStep>(_ => { }), Stop);

        await _server.Registry.RollbackAsync("shop", null, "tester").WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
        Assert.Equal(3, (await _server.Deploy(DeployServer.Bundle(4), cancellationToken: Stop).WaitAsync(TimeSpan.FromMinutes(1), Stop)).Latest);
        Assert.False(slow.IsCompleted);

        await pipe.Writer.WriteAsync(bundle.AsMemory(100), Stop);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(4, (await slow).Latest);
        Assert.Equal("4=100", _server.Host.TrafficOf("shop"));
        Assert.Empty(Directory.GetFileSystemEntries(_server.State.Folder.Incoming));
    }

    [Theory]
    [InlineData("bad-manifest", "wisp.toml", "[application]\nname = 5")]
    [InlineData("wrong-app", "wisp.toml", "[application]\nname = \"other\"\n[[trigger.http]]\nroute = \"/\"\nresponse = { body = \"x\" }")]
    [InlineData("bad-bundle", "wisp.toml", "[application]\nname = \"shop\"\n[[trigger.http]]\nroute = \"/\"\nresponse = { file = \"gone.txt\" }")]
    [InlineData("bad-module", "app.wat", "(module (func (result i32) i64.const 1))")]
    [InlineData("bad-module", "app.wat", "\0wisp this would be machine code")]
    [InlineData("bad-module", "app.wat", "\0asm\u000d\0\u0001\0")]
    [InlineData("bad-module", "app.wat", "MZ")]
    public async Task WhatCannotRunIsRefused(string code, string file, string text)
    {
        var files = new SortedDictionary<string, string> { ["wisp.toml"] = DeployServer.Manifest, ["app.wat"] = "(module (func (export \"_start\")))" };
        files[file] = text;

        await Refused(code, () => _server.Deploy(DeployServer.Bundle(files), cancellationToken: Stop));
    }

    [Fact]
    public async Task SourceThatIsMissingOrNoBundleAtAllIsRefused()
    {
        await Refused("bad-bundle", () => _server.Deploy(DeployServer.Bundle(new() { ["wisp.toml"] = DeployServer.Manifest }), cancellationToken: Stop));
        await Refused("bad-bundle", () => _server.Deploy(DeployServer.Bundle(new() { ["other.toml"] = DeployServer.Manifest }), cancellationToken: Stop));
        await Refused("bad-bundle", () => _server.Deploy([1, 2, 3], cancellationToken: Stop));
        await Refused("bad-name", () => _server.Deploy(DeployServer.Bundle(1), app: "../shop", cancellationToken: Stop));
    }

    [Fact]
    public async Task VersionThatFailsItsProbeGetsNoTraffic()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        _server.Host.Probe = (_, _) => throw new DeployException("probe-failed", "GET / answered 500");

        await Refused("probe-failed", () => _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop));

        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
    }

    [Fact]
    public async Task CancelledDeployLeavesNothing()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        List<string> files = _server.Files();
        using var cancel = new CancellationTokenSource();
        _server.Host.Probe = (_, _) =>
        {
            cancel.Cancel();
            return Task.CompletedTask;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _server.Deploy(DeployServer.Bundle(2), cancellationToken: cancel.Token));

        Assert.Equal(files, _server.Files());
        Assert.Equal(1, _server.Registry.Find("shop").Latest);
    }

    [Fact]
    public async Task MorePermissionsMustBeAccepted()
    {
        const string Net = "permissions.net = [\"https://api.example.com\"]";
        const string Fs = "permissions.fs = [{ host = \"data\", guest = \"/data\" }]";

        DeployException first = await Refused("permissions-not-accepted", () => _server.Deploy(DeployServer.Bundle(1, Net), cancellationToken: Stop));
        await _server.Deploy(DeployServer.Bundle(1, Net), accept: true, cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2, Net), cancellationToken: Stop);
        DeployException second = await Refused(
            "permissions-not-accepted", () => _server.Deploy(DeployServer.Bundle(3, Net + "\n" + Fs), cancellationToken: Stop));
        await _server.Deploy(DeployServer.Bundle(4), cancellationToken: Stop);
        await Refused("permissions-not-accepted", () => _server.Deploy(DeployServer.Bundle(5, Net), cancellationToken: Stop));

        Assert.Equal(["app: permissions.net = [\"https://api.example.com\"]"], first.Permissions!.Added);
        Assert.Equal(["app: permissions.fs = [{ host = \"data\", guest = \"/data\", access = \"read-only\" }]"], second.Permissions!.Added);
    }

    [Fact]
    public async Task RelativeDirectoriesLieInTheAppsStorage()
    {
        await _server.Deploy(
            DeployServer.Bundle(1, "permissions.fs = [{ host = \"./data/deep\", guest = \"/data\", access = \"read-write\" }]"), accept: true, cancellationToken: Stop);

        string host = Path.GetFullPath(_server.Host.Serving["shop"][0].Version.Manifest.Components[0].Grant.Directories[0].HostPath);
        Assert.Equal(Path.Combine(_server.Data, "storage", "shop", "data", "deep"), host);
        Assert.Equal(Path.Combine(_server.Data, "storage", "shop"), _server.Host.Serving["shop"][0].Version.Manifest.Components[0].Grant.Directories[0].LinkFreeBelow);
        Assert.True(Directory.Exists(host));

        await Refused("bad-directory", () => _server.Deploy(
            DeployServer.Bundle(2, "permissions.fs = [{ host = \"data/../../other\", guest = \"/data\" }]"), accept: true, cancellationToken: Stop));
        Directory.CreateSymbolicLink(Path.Combine(_server.Data, "storage", "shop", "link"), "/etc");
        await Refused("bad-directory", () => _server.Deploy(
            DeployServer.Bundle(2, "permissions.fs = [{ host = \"link\", guest = \"/data\" }]"), accept: true, cancellationToken: Stop));
    }

    [Fact]
    public async Task AbsoluteDirectoriesLeadOverNoLinkEither()
    {
        await _server.Deploy(DeployServer.Bundle(1, "permissions.fs = [{ host = \"/srv\", guest = \"/srv\" }]"), accept: true, cancellationToken: Stop);

        Assert.Equal("/", _server.Host.Serving["shop"][0].Version.Manifest.Components[0].Grant.Directories[0].LinkFreeBelow);
    }

    [Fact]
    public async Task TrafficIsSplitAndRolledBack()
    {
        for (int i = 1; i <= 3; i++)
        {
            await _server.Deploy(DeployServer.Bundle(i), cancellationToken: Stop);
        }

        await _server.Registry.SetTrafficAsync("shop", [new(1, 30), new(3, 70), new(2, 0)], "tester");
        Assert.Equal("1=30,3=70", _server.Host.TrafficOf("shop"));
        await _server.Registry.RollbackAsync("shop", null, "tester");
        Assert.Equal("3=100", _server.Host.TrafficOf("shop"));
        await _server.Registry.RollbackAsync("shop", 2, "tester");
        Assert.Equal("2=100", _server.Host.TrafficOf("shop"));

        await Refused("no-such-version", () => _server.Registry.RollbackAsync("shop", 9, "tester"));
        await Refused("no-such-app", () => _server.Registry.RollbackAsync("nobody", null, "tester"));
        await Refused("bad-traffic", () => _server.Registry.SetTrafficAsync("shop", [new(1, 50)], "tester"));
        Assert.Equal(["rollback", "rollback", "traffic"], _server.State.Audit.Latest(3, null).Select(entry => entry.Action));
    }

    [Fact]
    public async Task OldVersionsAreDroppedUnlessTheyHaveTraffic()
    {
        _server.Options = new DeploymentOptions { KeepVersions = 2 };
        _server.Restart();
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2), canary: 50, cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(3), canary: 50, cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(4), canary: 50, cancellationToken: Stop);
        Assert.Equal([4, 3, 2, 1], _server.Registry.Versions("shop").Select(version => version.Number));

        await _server.Deploy(DeployServer.Bundle(5), cancellationToken: Stop);

        Assert.Equal([5, 4], _server.Registry.Versions("shop").Select(version => version.Number));
        Assert.Equal(["4", "5"], Directory.GetDirectories(Path.Combine(_server.Data, "apps", "shop")).Select(Path.GetFileName).Order());
        Assert.Equal(2, _server.State.Images.All().Count());
        Assert.Equal(3, _server.State.Blobs.All().Count());   // one manifest for both
    }

    [Fact]
    public async Task DeletedAppLeavesNothingAndItsNumbersAreNotUsedAgain()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Registry.SetSecretAsync("shop", "key", "value", "tester");

        await _server.Registry.DeleteAsync("shop", "tester");

        Assert.Equal("none", _server.Host.TrafficOf("shop"));
        Assert.Empty(_server.Files());
        Assert.Empty(_server.Registry.List());
        Assert.Empty(_server.Registry.Secrets("shop"));
        Assert.Equal(2, (await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop)).Latest);
    }

    [Fact]
    public async Task AppsAreDeployedSideBySideAndVersionsOneAfterTheOther()
    {
        int running = 0;
        int most = 0;
        _server.Host.Probe = async (version, stop) =>
        {
            if (version.App == "shop")
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
            }
        };

        await Task.WhenAll(Enumerable.Range(0, 24).Select(i =>
            i % 2 == 0 ? _server.Deploy(DeployServer.Bundle(i), cancellationToken: Stop)
                : _server.Deploy(DeployServer.Bundle(i, app: $"app-{i}"), app: $"app-{i}", cancellationToken: Stop)));

        Assert.Equal(1, most);
        Assert.Equal(12, _server.Registry.Find("shop").Latest);
        Assert.Equal(13, _server.Registry.List().Count);
    }

    [Fact]
    public async Task DescriptionHasNoValues()
    {
        await _server.Registry.SetSecretAsync("shop", "key", "s3cret", "tester");
        await _server.Deploy(DeployServer.Bundle(1, "[variables]\nkey = { required = true, secret = true }"), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop);

        Assert.Empty(_server.Registry.Describe("shop", 1).Variables);
        Assert.Empty(_server.Registry.Describe("shop", 2).Variables);
        Assert.Equal("app", Assert.Single(_server.Registry.Describe("shop", 1).Manifest.Components).Name);
        Assert.Throws<DeployException>(() => _server.Registry.Describe("shop", 3));
    }

    public void Dispose() => _server.Dispose();

    /// <summary>A change is refused, and everything is as it was.</summary>
    private async Task<DeployException> Refused(string code, Func<Task> change)
    {
        List<string> files = _server.Files();
        string traffic = _server.Host.TrafficOf("shop");
        DeployException refused = await Assert.ThrowsAsync<DeployException>(change);
        Assert.Equal(code, refused.Code);
        Assert.DoesNotContain(_server.Data, refused.Message, StringComparison.Ordinal);
        Assert.Equal(files, _server.Files());
        Assert.Equal(traffic, _server.Host.TrafficOf("shop"));
        return refused;
    }
}
