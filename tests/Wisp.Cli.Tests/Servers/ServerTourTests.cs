using System.Text.Json;

namespace Wisp.Cli.Tests.Servers;

/// <summary>What a user does with a server, with the commands as they are typed.</summary>
public sealed class ServerTourTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TourFromDeployToDelete()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);

        AppFolder.Write(app, "hello", "one");
        string deployed = server.Succeed("deploy", app.Path);
        Assert.Contains("hello v1", deployed, StringComparison.Ordinal);
        Assert.Contains($"http://hello.localhost:{server.Apps.BaseAddress!.Port}/", deployed, StringComparison.Ordinal);
        Assert.Equal((200, "one\n"), await server.AskAsync("hello"));

        string logs = string.Empty;
        for (int i = 0; i < 600 && !logs.Contains("stderr: logged it", StringComparison.Ordinal); i++)
        {
            logs = server.Succeed("logs", "hello");
            await Task.Delay(10, Stop);
        }

        Assert.Matches(@"Z v1 #\d+ stderr: logged it", logs);

        AppFolder.Write(app, "hello", "two");
        WispResult second = server.RunIn(app.Path, "", "deploy");
        Assert.True(second.Code == 0, second.Error);
        Assert.Contains("hello v2", second.Output, StringComparison.Ordinal);
        Assert.Equal((200, "two\n"), await server.AskAsync("hello"));

        Assert.Contains("v1=100", server.RunIn(app.Path, "", "rollback").Output, StringComparison.Ordinal);
        Assert.Equal((200, "one\n"), await server.AskAsync("hello"));
        Assert.Contains("v2=100", server.Succeed("rollback", "hello", "v2"), StringComparison.Ordinal);
        Assert.Equal((200, "two\n"), await server.AskAsync("hello"));

        AppFolder.Write(app, "hello", "three");
        Assert.Contains("v2=90 v3=10", server.Succeed("deploy", app.Path, "--canary", "10%"), StringComparison.Ordinal);
        Assert.Contains("v2=50 v3=50", server.Succeed("traffic", "hello", "v2=50", "v3=50"), StringComparison.Ordinal);
        var answers = new HashSet<string>();
        for (int i = 0; i < 200; i++)
        {
            answers.Add((await server.AskAsync("hello")).Body);
        }

        Assert.Equal(["three\n", "two\n"], answers.Order());

        string list = server.Succeed("list");
        Assert.Matches(@"APP +LATEST +TRAFFIC +HOSTS +CREATED\nhello +v3 +v2=50 v3=50 +hello.localhost ", list);
        string versions = server.Succeed("versions", "hello");
        Assert.Matches(@"\nv3 +50 % +- +\S+ \S+ +first ", versions);
        JsonElement status = JsonDocument.Parse(server.Succeed("status", "hello", "--format", "json")).RootElement;
        Assert.Equal("/...", status.GetProperty("routes")[0].GetProperty("route").GetString());
        Assert.Matches("apps +1", server.Succeed("status"));

        WispResult unasked = server.Run("delete", "hello");
        Assert.Equal(2, unasked.Code);
        server.Succeed("delete", "hello", "--yes");
        Assert.Equal(404, (await server.AskAsync("hello")).Status);
        Assert.Contains("there is no app", server.Run("status", "hello").Error, StringComparison.Ordinal);

        string audit = server.Succeed("audit");
        Assert.Matches(@"first +delete +hello", audit);
        Assert.Matches(@"first +deploy +hello", audit);
        await server.StopAsync();
    }

    /// <summary>The README's tour, step by step.</summary>
    [Fact]
    public async Task FromNothingToARollback()
    {
        using var folder = new ScratchFolder();
        using var work = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);
        string app = work["hello"];
        string Do(string where, params string[] arguments)
        {
            WispResult result = server.RunIn(where, string.Empty, arguments);
            Assert.True(result.Code == 0, $"wisp {string.Join(' ', arguments)}: {result.Error}");
            return result.Output;
        }

        Do(work.Path, "new", "hello", "--template", "wat");
        Do(app, "build");
        Assert.EndsWith("1 passed, 0 failed\n", Do(app, "test"), StringComparison.Ordinal);
        Do(app, "deploy");
        Assert.Equal((200, "Hello from hello! You asked for /world.\n"), await server.AskAsync("hello", "/world"));
        string source = Path.Combine(app, "main.wat");
        await File.WriteAllTextAsync(source, (await File.ReadAllTextAsync(source, Stop)).Replace("Hello", "Hi", StringComparison.Ordinal), Stop);
        Assert.Contains("v1=90 v2=10", Do(app, "deploy", "--canary", "10%"), StringComparison.Ordinal);
        Do(app, "traffic", "v2=100");
        Assert.Equal((200, "Hi from hello! You asked for /world.\n"), await server.AskAsync("hello", "/world"));
        Do(app, "logs");
        Assert.Contains("v1=100", Do(app, "rollback"), StringComparison.Ordinal);
        Assert.Equal((200, "Hello from hello! You asked for /world.\n"), await server.AskAsync("hello", "/world"));
    }

    [Fact]
    public async Task AppsAndTokensAreThereAfterAStopAndAfterAPowerCut()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        AppFolder.Write(app, "hello", "one");
        string token;
        await using (WispServer first = await WispServer.StartAsync(folder))
        {
            token = first.Token;
            first.Succeed("deploy", app.Path);
            await first.StopAsync();
        }

        AppFolder.Write(app, "hello", "two");
        await using (WispServer second = await WispServer.StartAsync(folder))
        {
            Assert.Equal(token, second.Token);
            Assert.Equal((200, "one\n"), await second.AskAsync("hello"));
            second.Succeed("deploy", app.Path);
            await second.KillAsync();
        }

        await using WispServer third = await WispServer.StartAsync(folder);
        Assert.Equal((200, "two\n"), await third.AskAsync("hello"));
        Assert.Contains("1 apps", third.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretReachesTheProgramAndNothingElse()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        File.Copy(Path.Combine(Repository.Root, "samples/shop/shop.wasm"), app["shop.wasm"]);
        app.Write("wisp.toml", """
            [application]
            name = "shop"
            [variables]
            currency = { required = true, secret = true }
            [[trigger.http]]
            route = "/items/:id"
            component = "shop"
            [component.shop]
            source = "shop.wasm"
            args = ["{{ currency }}"]
            """);
        await using WispServer server = await WispServer.StartAsync(folder);

        WispResult without = server.Run("deploy", app.Path);
        WispResult set = server.RunIn(app.Path, "hush\n", "secret", "set", "currency");
        server.Succeed("deploy", app.Path);
        (int status, string body) = await server.AskAsync("shop", "/items/7");
        WispResult again = server.RunIn(app.Path, "hush2\n", "secret", "set", "currency");
        (_, string changed) = await server.AskAsync("shop", "/items/7");
        string list = server.Succeed("secret", "list", "shop");

        Assert.Equal(1, without.Code);
        Assert.Contains("wisp secret set shop currency", without.Error, StringComparison.Ordinal);
        Assert.True(set.Code == 0, set.Error);
        Assert.Equal(200, status);
        Assert.Contains("\"currency\":\"hush\"", body, StringComparison.Ordinal);
        Assert.True(again.Code == 0, again.Error);
        Assert.Contains("\"currency\":\"hush2\"", changed, StringComparison.Ordinal);
        Assert.Contains("currency", list, StringComparison.Ordinal);
        string seen = list + server.Succeed("status", "shop") + server.Succeed("audit") + server.Output + server.Errors;
        Assert.DoesNotContain("hush", seen, StringComparison.Ordinal);
        foreach (string file in Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            Assert.DoesNotContain("hush", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
        }

        WispResult needed = server.Run("secret", "delete", "shop", "currency");
        Assert.Equal(1, needed.Code);
        Assert.Contains("the app needs the variable currency", needed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokensHaveTheirScopesAndTheirEnd()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        AppFolder.Write(app, "hello", "one");
        await using WispServer server = await WispServer.StartAsync(folder);

        string reader = server.Succeed("token", "create", "viewer", "--scope", "read").Trim();
        string deployer = server.Succeed("token", "create", "ci").Trim();
        WispResult refused = server.RunAs(reader, "deploy", app.Path);
        WispResult deployed = server.RunAs(deployer, "deploy", app.Path);
        WispResult deleted = server.RunAs(deployer, "delete", "hello", "--yes");
        string list = server.Succeed("token", "list");
        server.Succeed("token", "delete", "ci");
        WispResult late = server.RunAs(deployer, "list");

        Assert.Equal(1, refused.Code);
        Assert.Contains("this takes a token with the scope deploy; viewer has read", refused.Error, StringComparison.Ordinal);
        Assert.True(deployed.Code == 0, deployed.Error);
        Assert.Equal(1, deleted.Code);
        Assert.Contains("this takes a token with the scope admin; ci has deploy", deleted.Error, StringComparison.Ordinal);
        Assert.Matches(@"ci +deploy ", list);
        Assert.DoesNotContain(deployer, list, StringComparison.Ordinal);
        Assert.Equal(1, late.Code);
        Assert.Contains("there is no such token", late.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsManyVersionsAreKeptAsAskedForAndTheKeyLiesWhereItIsSaid()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder, "--keep", "1", "--key", folder["elsewhere"]);

        for (int i = 0; i < 3; i++)
        {
            AppFolder.Write(app, "hello", $"answer {i}");
            server.Succeed("deploy", app.Path);
        }

        string versions = server.Succeed("versions", "hello");
        Assert.Matches(@"\nv3 ", versions);
        Assert.DoesNotMatch(@"\nv[12] ", versions);
        Assert.True(File.Exists(folder["elsewhere"]));
        Assert.False(File.Exists(Path.Combine(server.Data, "key")));
        Assert.Equal(2, WispProcess.Run("server", "--data", folder["other"], "--keep", "0").Code);
    }

    [Fact]
    public async Task FollowingALogEndsWithTheServer()
    {
        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        AppFolder.Write(app, "hello", "one");
        await using WispServer server = await WispServer.StartAsync(folder);
        server.Succeed("deploy", app.Path);

        using System.Diagnostics.Process following = server.Start("logs", "hello", "-f", "--format", "json");
        await server.AskAsync("hello");
        string? first = await following.StandardOutput.ReadLineAsync(Stop);
        await server.StopAsync();
        await following.WaitForExitAsync(Stop);

        Assert.Equal(0, following.ExitCode);
        JsonElement line = JsonDocument.Parse(first!).RootElement;
        Assert.Equal("logged it", line.GetProperty("text").GetString());
        Assert.Equal("stderr", line.GetProperty("stream").GetString());
    }
}
