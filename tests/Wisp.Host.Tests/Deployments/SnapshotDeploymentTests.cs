using System.Text;
using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Deployments;

public sealed class SnapshotDeploymentTests : IDisposable
{
    private readonly DeployServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ImageOfTheVersionIsTheSnapshotAndIsTakenOnce()
    {
        await _server.Deploy(Bundle("(i32.store (i32.const 8) (i32.const 7))", "instances.snapshot = true"), cancellationToken: Stop);

        string image = _server.Host.Serving["shop"][0].Version.Images["app"];
        using (var module = Module.FromImage(_server.State.Engine, image))
        {
            Assert.True(module.IsSnapshot);
        }

        DateTime written = File.GetLastWriteTimeUtc(image);
        _server.Restart();
        Assert.Equal(image, _server.Host.Serving["shop"][0].Version.Images["app"]);
        Assert.Equal(written, File.GetLastWriteTimeUtc(image));
    }

    [Fact]
    public async Task DamagedSnapshotIsTakenAgain()
    {
        await _server.Deploy(Bundle("(i32.store (i32.const 8) (i32.const 7))", "instances.snapshot = true"), cancellationToken: Stop);
        string image = _server.Host.Serving["shop"][0].Version.Images["app"];
        byte[] before = await File.ReadAllBytesAsync(image, Stop);
        await File.WriteAllBytesAsync(image, before[..^1], Stop);

        _server.Restart();

        Assert.Equal(before, await File.ReadAllBytesAsync(image, Stop));
    }

    [Fact]
    public async Task DeployThatCannotHaveItsSnapshotIsRefusedAndLeavesNothing()
    {
        await _server.Deploy(Bundle("", "instances.snapshot = false"), cancellationToken: Stop);
        List<string> files = _server.Files();

        DeployException exception = await Assert.ThrowsAsync<DeployException>(() => _server.Deploy(
            Bundle("(drop (call $random_get (i32.const 0) (i32.const 4)))", "instances.snapshot = true"), cancellationToken: Stop));

        Assert.Equal("snapshot-refused", exception.Code);
        Assert.StartsWith("component app: instances.snapshot: start-up calls random_get: ", exception.Message, StringComparison.Ordinal);
        Assert.Equal(files, _server.Files());
        Assert.Equal("1=100", _server.Host.TrafficOf("shop"));
    }

    [Theory]
    [InlineData(true, "required = true, secret = true")]
    [InlineData(false, "required = true, secret = true")]
    [InlineData(true, "required = true")]   // a value that was set on the server is one, whatever the manifest calls it
    public async Task SecretArgumentsAreInNoImage(bool isAsked, string variable)
    {
        await _server.Registry.SetSecretAsync("shop", "key", "s3cret-0f-th3-app", "tester");
        string startUp = isAsked ? "(drop (call $args_get (i32.const 16) (i32.const 64)))" : "(i32.store (i32.const 8) (i32.const 7))";
        Task deploy = _server.Deploy(Bundle(
            startUp, $$$"""
            args = ["{{ key }}"]
            instances.snapshot = true
            [variables]
            key = { {{{variable}}} }
            """), cancellationToken: Stop);

        if (isAsked)
        {
            Assert.Contains("a secret is among its arguments", (await Assert.ThrowsAsync<DeployException>(() => deploy)).Message, StringComparison.Ordinal);
            return;
        }

        await deploy;
        byte[] image = await File.ReadAllBytesAsync(_server.Host.Serving["shop"][0].Version.Images["app"], Stop);
        Assert.Equal(-1, image.AsSpan().IndexOf("s3cret"u8));
    }

    [Fact]
    public async Task ValueThatIsSetLaterTakesTheSnapshotAgainWithoutIt()
    {
        const string More = "args = [\"{{ mode }}\"]\ninstances.snapshot = true\n[variables]\nmode = \"fast\"";
        await _server.Deploy(Bundle("(i32.store (i32.const 8) (i32.const 7))", More), cancellationToken: Stop);
        string before = _server.Host.Serving["shop"][0].Version.Images["app"];

        await _server.Registry.SetSecretAsync("shop", "mode", "slow", "tester");

        string image = _server.Host.Serving["shop"][0].Version.Images["app"];
        Assert.NotEqual(before, image);
        _server.Restart();
        Assert.Equal(image, _server.Host.Serving["shop"][0].Version.Images["app"]);
        Assert.False(File.Exists(before));
    }

    public void Dispose() => _server.Dispose();

    private static byte[] Bundle(string startUp, string more) => DeployServer.Bundle(new()
    {
        ["wisp.toml"] = DeployServer.Manifest + more,
        ["app.wat"] = new StringBuilder("(module")
            .Append("""(import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))""")
            .Append("""(import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))""")
            .Append("(memory (export \"memory\") 1)")
            .Append("(func (export \"_initialize\") ").Append(startUp).Append(')')
            .Append("(func (export \"handle\")))").ToString(),
    });
}
