using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Deployments;

/// <summary>What a start finds on a disk that lost or changed something.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly DeployServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DamagedBlobStopsItsAppAlone()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Deploy(DeployServer.Bundle(2, app: "other"), app: "other", cancellationToken: Stop);
        string source = Path.Combine(_server.Host.Serving["shop"][0].Version.Manifest.Folder, "app.wat");
        _server.Stop();
        File.SetUnixFileMode(source, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(source, "(module)");   // the blob too: it is one file

        _server.Restart();

        Assert.Equal("none", _server.Host.TrafficOf("shop"));
        Assert.Equal("1=100", _server.Host.TrafficOf("other"));
        Assert.Contains(_server.Reports, line => line.Contains("app.wat", StringComparison.Ordinal) && line.StartsWith("shop", StringComparison.Ordinal));
        Assert.Contains("damaged", _server.Registry.Find("shop").Problem, StringComparison.Ordinal);
        Assert.Null(_server.Registry.Find("other").Problem);

        // The same bundle mends the blob, and its app runs again.
        Assert.Null((await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop)).Problem);
        Assert.Equal("2=100", _server.Host.TrafficOf("shop"));
    }

    [Fact]
    public async Task FoldersAndImagesAreMadeAgain()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        List<string> files = _server.Files();
        _server.Stop();
        Directory.Delete(Path.Combine(_server.Data, "apps"), recursive: true);
        string image = Directory.GetFiles(Path.Combine(_server.Data, "images")).Single();
        using (FileStream damaged = File.OpenWrite(image))
        {
            damaged.SetLength(damaged.Length / 2);
        }

        _server.Restart();

        Assert.Equal(files, _server.Files());
        Assert.True(_server.State.Images.IsUsable(Path.GetFileNameWithoutExtension(image)));
        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
    }

    [Fact]
    public async Task WhatUnfinishedChangesLeftIsRemoved()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        List<string> files = _server.Files();
        _server.Stop();
        foreach (string path in new[] { "apps/shop/7/wisp.toml", "apps/nobody/1/wisp.toml", "incoming/x", "images/" + new string('0', 64) + ".wisp", "blobs/ab/" + new string('0', 62) })
        {
            string full = Path.Combine(_server.Data, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, "left");
        }

        _server.Restart();

        Assert.Equal(files, _server.Files());
        Assert.Contains("2 folders of versions, 2 files", Assert.Single(_server.Reports), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RollbackToADamagedVersionIsRefused()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        string source = Path.Combine(_server.Host.Serving["shop"][0].Version.Manifest.Folder, "app.wat");
        await _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop);
        File.SetUnixFileMode(source, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(source, "(module)");

        await Assert.ThrowsAsync<DeployException>(() => _server.Registry.RollbackAsync("shop", null, "tester"));

        Assert.Equal("2=100", _server.Host.TrafficOf("shop"));
    }

    [Fact]
    public async Task RollbackToAVersionWhoseBlobWasMendedHasTheRightBytes()
    {
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        string source = Path.Combine(_server.Host.Serving["shop"][0].Version.Manifest.Folder, "app.wat");
        string right = await File.ReadAllTextAsync(source, Stop);
        await _server.Deploy(DeployServer.Bundle(2), cancellationToken: Stop);
        File.SetUnixFileMode(source, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(source, right.Replace("i32.const 1", "i32.const 7", StringComparison.Ordinal), Stop);   // of the same length

        // Mends the blob, which is another file from now on.
        await _server.Deploy(DeployServer.Bundle(1), cancellationToken: Stop);
        await _server.Registry.RollbackAsync("shop", 1, "tester");

        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
        Assert.Equal(right, await File.ReadAllTextAsync(source, Stop));
    }

    public void Dispose() => _server.Dispose();
}
