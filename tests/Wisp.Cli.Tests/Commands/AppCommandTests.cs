namespace Wisp.Cli.Tests.Commands;

/// <summary>What a user does with an app folder: make one, build it, ask it, test it, change it.</summary>
public sealed class AppCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void InvokePrintsTheBodyAndEndsWithOneForAnError()
    {
        WispResult good = WispProcess.Run("invoke", "samples/shop", "/items/7", "-e", "currency=CHF");
        WispResult posted = WispProcess.RunIn(null, "apples", "invoke", "samples/shop", "PUT", "/cart/x", "-d", "@-", "-H", "X-A: b", "-i");
        WispResult bad = WispProcess.Run("invoke", "samples/shop", "/nothing");

        Assert.Equal((0, "{\"id\":7,\"price\":21,\"currency\":\"CHF\"}\n"), (good.Code, good.Output));
        Assert.Contains("GET \"/items/7\" 200", good.Error, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\n", posted.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n\nPUT in /cart at \"/x\", 6 bytes\n", posted.Output, StringComparison.Ordinal);
        Assert.Equal(1, bad.Code);
    }

    [Fact]
    public void AuditHasEachDecisionWithItsComponent()
    {
        using var folder = new ScratchFolder();

        WispResult result = WispProcess.Run("invoke", "samples/files", "/private", "--audit", folder["audit.jsonl"]);

        Assert.Equal(1, result.Code);
        string audit = File.ReadAllText(folder["audit.jsonl"]);
        Assert.Contains("\"program\":\"reader\",\"function\":\"path_open\",\"subject\":\"path\",\"name\":\"/notes/../private/key.txt\"", audit, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"denied\"", audit, StringComparison.Ordinal);
    }

    [Fact]
    public void SpinManifestRunsAndSaysWhatItLeavesOut()
    {
        using var folder = new ScratchFolder();
        File.Copy(Path.Combine(Repository.Root, "samples/hello/hello.wasm"), folder["hello.wasm"]);
        folder.Write("spin.toml", """
            spin_manifest_version = 2
            [application]
            name = "hello"
            [[trigger.http]]
            route = "/hi/..."
            component = "hello"
            executor = { type = "wagi" }
            [component.hello]
            source = "hello.wasm"
            key_value_stores = ["default"]
            """);

        WispResult result = WispProcess.Run("invoke", folder.Path, "/hi/there");

        Assert.Equal(0, result.Code);
        Assert.Contains("You asked for /there with GET.", result.Output, StringComparison.Ordinal);
        Assert.Contains($"wisp: {folder["spin.toml"]}:10:1: left out: key_value_stores\n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("starts with /", "invoke", "samples/shop", "items")]
    [InlineData("is no method", "invoke", "samples/shop", "get", "/items")]
    [InlineData("expected \\\"Name: value\\\"", "invoke", "samples/shop", "/", "-H", "no colon")]
    [InlineData("starts with a lower case letter", "new", "Bad_Name", "--template", "c")]
    [InlineData("cobol", "new", "good", "--template", "cobol")]
    public void WhatMakesNoSenseIsAUsageError(string text, params string[] arguments)
    {
        WispResult result = WispProcess.Run(arguments);

        Assert.Equal(2, result.Code);
        Assert.Contains(text.Replace("\\\"", "\"", StringComparison.Ordinal), result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TestSaysWhichCasesPassAndFail()
    {
        WispResult good = WispProcess.Run("test", "samples/shop");
        using var folder = new ScratchFolder();
        MakeApp(folder, "new.wat");
        Directory.CreateDirectory(folder["tests"]);
        folder.Write("tests/a.toml", """
            [[test]]
            name = "good"
            request = { path = "/" }
            expect = { status = 204 }
            [[test]]
            name = "bad"
            request = { path = "/" }
            expect = { status = 200, body = "x" }
            """);
        WispResult bad = WispProcess.Run("test", folder.Path);
        folder.Write("tests/b.toml", "[[test]]\nnme = 'x'\n");
        WispResult broken = WispProcess.Run("test", folder.Path);

        Assert.Equal(0, good.Code);
        Assert.EndsWith("4 passed, 0 failed\n", good.Output, StringComparison.Ordinal);
        Assert.Equal(1, bad.Code);
        Assert.Equal(
            "ok     good (tests/a.toml:1)\nFAILED bad (tests/a.toml:5)\n       status: expected 200, got 204 No Content\n"
            + "       body: expected \"x\", got \"\"\n1 passed, 1 failed\n",
            bad.Output);
        Assert.Equal(1, broken.Code);
        Assert.Contains("tests/b.toml:2:1: unknown key \"nme\"", broken.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wat", null)]
    [InlineData("c", "clang-19")]
    public void TemplateBuildsAndItsTestPasses(string template, string? compiler)
    {
        if (compiler is not null && !OnPath(compiler))
        {
            Assert.Skip($"there is no {compiler} on this machine");
        }

        using var folder = new ScratchFolder();
        Assert.Equal(0, WispProcess.RunIn(folder.Path, "", "new", "my-app", "--template", template).Code);
        string app = folder["my-app"];
        if (compiler is not null)
        {
            WispResult unbuilt = WispProcess.Run("up", app);
            Assert.Contains("wisp build makes it", unbuilt.Error, StringComparison.Ordinal);
        }

        WispResult built = WispProcess.Run("build", app);
        Assert.True(built.Code == 0, built.Error);
        WispResult tested = WispProcess.Run("test", app);
        Assert.True(tested.Code == 0, tested.Output + tested.Error);
        Assert.Equal(1, WispProcess.RunIn(folder.Path, "", "new", "my-app", "--template", template).Code);
    }

    [Theory]
    [InlineData("assemblyscript", "package.json")]
    [InlineData("rust", "Cargo.toml")]
    public void TemplateIsAnAppOnceItIsBuilt(string template, string file)
    {
        using var folder = new ScratchFolder();
        Assert.Equal(0, WispProcess.RunIn(folder.Path, "", "new", "my-app", "--template", template).Code);

        WispResult unbuilt = WispProcess.Run("up", folder["my-app"]);   // its manifest is good, or it would say so

        Assert.Contains("wisp build makes it", unbuilt.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("@NAME@", File.ReadAllText(Path.Combine(folder["my-app"], file)), StringComparison.Ordinal);
    }

    [Fact]
    public void BuildSaysWhatFailed()
    {
        using var folder = new ScratchFolder();
        MakeApp(folder, "new.wat", "build.command = \"echo why >&2; exit 3\"");

        WispResult result = WispProcess.Run("build", folder.Path);

        Assert.Equal(1, result.Code);
        Assert.StartsWith("why\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("the build command ended with 3", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchSwapsTheAppWhileItIsAsked()
    {
        using var folder = new ScratchFolder();
        MakeApp(folder, "new.wat", "build.command = \"cp source.txt new.wat\"\nbuild.watch = [\"source.txt\"]");
        folder.Write("source.txt", Program(200));
        await using Up up = await Up.StartAsync(folder.Path, "--watch");
        using var end = new CancellationTokenSource();
        Task<HashSet<int>> asking = AskAsync(up.Client, end.Token);

        foreach (int status in new[] { 201, 202, 203 })
        {
            folder.Write("source.txt", Program(status));
            while ((int)(await up.Client.GetAsync("/", Stop)).StatusCode != status)
            {
                await Task.Delay(20, Stop);
            }
        }

        folder.Write("source.txt", "(module");
        while (!up.Errors.Contains("not reloaded", StringComparison.Ordinal))
        {
            await Task.Delay(20, Stop);
        }

        Assert.Equal(203, (int)(await up.Client.GetAsync("/", Stop)).StatusCode);
        await end.CancelAsync();
        Assert.Subset(new HashSet<int> { 200, 201, 202, 203 }, await asking);   // no request failed meanwhile
        await up.StopAsync();
    }

    private static void MakeApp(ScratchFolder folder, string source, string lines = "")
    {
        folder.Write("wisp.toml", $"""
            [application]
            name = "made"
            [[trigger.http]]
            route = "/..."
            component = "c"
            [component.c]
            source = "{source}"
            {lines}
            """);
        folder.Write(source, Program(204));
    }

    private static string Program(int status) => $"""
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\10\00\00\00\0d\00\00\00")
          (data (i32.const 16) "Status: {status}\n\n")
          (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
        """;

    private static async Task<HashSet<int>> AskAsync(HttpClient client, CancellationToken end)
    {
        var seen = new HashSet<int>();
        while (!end.IsCancellationRequested)
        {
            seen.Add((int)(await client.GetAsync("/", Stop)).StatusCode);
        }

        return seen;
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
