using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Wisp.Cli.Tests.Servers;

/// <summary>What a user is told when something is not as it must be.</summary>
public sealed class ServerErrorTests
{
    [Fact]
    public async Task MorePermissionsStopADeployUntilTheyAreAccepted()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);
        AppFolder.Write(app, "hello", "one");
        server.Succeed("deploy", app.Path);

        AppFolder.Write(app, "hello", "two", "permissions.net = [\"https://api.example.com\"]");
        WispResult refused = server.Run("deploy", app.Path);
        WispResult forPrograms = server.Run("deploy", app.Path, "--format", "json");
        (_, string before) = await server.AskAsync("hello");
        server.Succeed("deploy", app.Path, "--accept-permissions");
        (_, string after) = await server.AskAsync("hello");
        server.Succeed("deploy", app.Path);   // accepted once is accepted

        Assert.Equal(3, refused.Code);
        Assert.Contains("\n+ c: permissions.net = [\"https://api.example.com\"]\n", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--accept-permissions", refused.Error, StringComparison.Ordinal);
        Assert.Equal(3, forPrograms.Code);
        Assert.Contains("\"added\":[\"c: permissions.net = [\\\"https://api.example.com\\\"]\"]", forPrograms.Output, StringComparison.Ordinal);
        Assert.StartsWith(
            "{\"error\":{\"code\":\"no-such-app\",\"message\":", server.Run("status", "nothing", "--format", "json").Output, StringComparison.Ordinal);
        Assert.Equal("one\n", before);
        Assert.Equal("two\n", after);
    }

    [Fact]
    public async Task WhatIsWrongWithAnAppIsSaidBeforeItIsSent()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);

        AppFolder.Write(app, "hello", "one", "sorce = \"x\"");
        WispResult manifest = server.Run("deploy", app.Path);
        AppFolder.Write(app, "hello", "one", "build.command = \"make\"");
        File.Delete(app["c.wat"]);
        WispResult unbuilt = server.Run("deploy", app.Path);
        app.Write("c.wat", "(module (func (export \"_start\") i32.const))");
        WispResult module = server.Run("deploy", app.Path);
        WispResult nothing = server.Run("deploy", folder["nowhere"]);
        WispResult canary = server.Run("deploy", app.Path, "--canary", "100%");

        Assert.Equal(1, manifest.Code);
        Assert.Contains($"{app["wisp.toml"]}:8:1: unknown key \"sorce\"", manifest.Error, StringComparison.Ordinal);
        Assert.Equal(1, unbuilt.Code);
        Assert.Contains("wisp build makes it", unbuilt.Error, StringComparison.Ordinal);
        Assert.Equal(1, module.Code);
        Assert.Contains("c.wat", module.Error, StringComparison.Ordinal);
        Assert.Equal(1, nothing.Code);
        Assert.Equal(2, canary.Code);
        Assert.Equal("[]\n", server.Succeed("list", "--format", "json"));
    }

    [Fact]
    public async Task WrongTokenAndNoServerAreNamed()
    {
        using var folder = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);
        const string Wrong = "wisp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

        WispResult wrong = server.RunAs(Wrong, "list");
        WispResult login = server.RunIn(null, Wrong + "\n", "login", server.AdminAddress, "--name", "other");
        WispResult noToken = server.RunIn(null, "hunter2\n", "login", server.AdminAddress);
        WispResult nobody = WispProcess.RunWith(
            null, "", new() { ["XDG_CONFIG_HOME"] = folder["nothing"], ["WISP_SERVER"] = null, ["WISP_TOKEN"] = null }, "list");
        WispResult unknown = server.Run("list", "--server", "prod");
        WispResult app = server.Run("list", "--server", server.Apps.BaseAddress!.ToString());
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        int port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        WispResult down = WispProcess.RunWith(
            null, "", new() { ["WISP_SERVER"] = $"http://127.0.0.1:{port}", ["WISP_TOKEN"] = Wrong }, "list");

        Assert.Equal((1, "wisp: there is no such token\n"), (wrong.Code, wrong.Error));
        Assert.Equal((1, "wisp: there is no such token\n"), (login.Code, login.Error));
        Assert.Contains("is none: it is wisp_", noToken.Error, StringComparison.Ordinal);
        Assert.Equal((1, "wisp: not logged in to a server; wisp login URL, or --server and WISP_TOKEN\n"), (nobody.Code, nobody.Error));
        Assert.Contains("no server \"prod\" is saved", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("no token for", app.Error, StringComparison.Ordinal);   // the saved token is for another address
        Assert.Equal(1, down.Code);
        Assert.Contains($"cannot reach the server at http://127.0.0.1:{port}", down.Error, StringComparison.Ordinal);
        server.Succeed("list");   // the login that failed saved nothing
    }

    [Fact]
    public async Task SavedTokensAreForTheirUserAlone()
    {
        using var folder = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);
        string file = Path.Combine(folder["config"], "wisp", "servers.json");
        const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        Assert.Equal(OwnerFile, File.GetUnixFileMode(file));
        Assert.Equal(OwnerFile, File.GetUnixFileMode(Path.Combine(server.Data, "admin.token")));
        File.SetUnixFileMode(file, OwnerFile | UnixFileMode.OtherRead);
        WispResult open = server.Run("list");

        Assert.Equal(1, open.Code);
        Assert.Contains("chmod 600", open.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Token, server.Output, StringComparison.Ordinal);   // a log is no place for it
    }

    [Fact]
    public async Task DataFolderHasOneServer()
    {
        using var folder = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);

        WispResult second = WispProcess.Run("server", "--data", folder["data"], "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0");

        Assert.Equal(1, second.Code);
        Assert.Contains("another server uses this data folder", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BundleOfAnotherAppAndBundleThatIsNoneAreRefused()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);
        AppFolder.Write(app, "hello", "one");
        string bundle = app["bundle.tar.gz"];
        using (System.Diagnostics.Process tar = System.Diagnostics.Process.Start("tar", ["-C", app.Path, "-czf", bundle, "wisp.toml", "c.wat"])!)
        {
            await tar.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("\"result\"", await SendAsync(server, "hello", File.ReadAllBytes(bundle)), StringComparison.Ordinal);
        Assert.Contains("\"code\":\"wrong-app\"", await SendAsync(server, "other", File.ReadAllBytes(bundle)), StringComparison.Ordinal);
        Assert.Contains("\"code\":\"bad-bundle\"", await SendAsync(server, "hello", "no bundle"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("\"code\":\"bad-bundle\"", await SendAsync(server, "hello", File.ReadAllBytes(bundle)[..^60]), StringComparison.Ordinal);
        Assert.Contains("\"code\":\"digest-mismatch\"", await SendAsync(server, "hello", File.ReadAllBytes(bundle), new byte[32]), StringComparison.Ordinal);
        Assert.Equal((200, "one\n"), await server.AskAsync("hello"));
    }

    [Theory]
    [InlineData("expected a version once and its percent", "traffic", "hello", "v3")]
    [InlineData("add up to 100", "traffic", "hello", "v3=50")]
    [InlineData("expected a version such as v3", "rollback", "hello", "3")]
    [InlineData("which app?", "versions")]
    [InlineData("expected the address of a server", "login", "hello")]
    [InlineData("expected the address of a server", "login", "http://a/b")]
    [InlineData("wisp secret set --help", "secret", "set")]
    [InlineData("expected an address and a port", "server", "--admin", "8081")]
    public void WhatMakesNoSenseIsAUsageError(string text, params string[] arguments)
    {
        using var folder = new ScratchFolder();

        WispResult result = WispProcess.RunWith(folder.Path, "", new() { ["XDG_CONFIG_HOME"] = folder.Path, ["WISP_SERVER"] = null }, arguments);

        Assert.Equal(2, result.Code);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
    }

    private static async Task<string> SendAsync(WispServer server, string app, byte[] bundle, byte[]? digest = null)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.AdminAddress) };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/apps/{app}/versions") { Content = new ByteArrayContent(bundle) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        request.Content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(digest ?? SHA256.HashData(bundle))}:");
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
