namespace Wisp.Cli.Tests.Commands;

public sealed class UpCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunsTheShopUntilItIsTerminated()
    {
        await using Up up = await Up.StartAsync("samples/shop", "-e", "currency=CHF");

        Assert.Equal("Ask for /items/1 or /cart/anything.\n", await up.Client.GetStringAsync("/", Stop));
        Assert.Equal("{\"id\":7,\"price\":21,\"currency\":\"CHF\"}\n", await up.Client.GetStringAsync("/items/7", Stop));
        Assert.Equal("GET in /cart at \"/a/b\", 0 bytes\n", await up.Client.GetStringAsync("/cart/a/b", Stop));

        string log = await up.StopAsync();
        Assert.Contains("GET \"/items/7\" 200", log, StringComparison.Ordinal);
        Assert.Contains("app=shop route=/items/:id component=shop", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadsTheGrantedDirectoryAndIsRefusedTheNext()
    {
        await using Up up = await Up.StartAsync("samples/files");

        Assert.Equal("The first note.\n", await up.Client.GetStringAsync("/notes/first.txt", Stop));
        HttpResponseMessage refused = await up.Client.GetAsync("/private", Stop);

        Assert.Equal(403, (int)refused.StatusCode);
        Assert.DoesNotContain("not for the component", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        await up.StopAsync();
        Assert.Contains("denied: open \"/notes/../private/key.txt\"", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgramByItselfIsAnApp()
    {
        await using Up up = await Up.StartAsync("samples/hello/hello.wasm");

        Assert.Contains("You asked for /x", await up.Client.GetStringAsync("/x", Stop), StringComparison.Ordinal);
        Assert.Contains("app=hello route=/... component=hello", await up.StopAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void FaultsOfTheManifestAreALineEach()
    {
        using var folder = new ScratchFolder();
        string path = folder.Write("wisp.toml", "[application]\nnme = 'a'\n[trigger]\nhtp = []\n");

        WispResult result = WispProcess.Run("up", folder.Path);

        Assert.Equal(1, result.Code);
        string[] lines = result.Error.TrimEnd().Split('\n');
        Assert.Contains($"wisp: {path}:2:1: unknown key \"nme\" in [application]; did you mean name?", lines);
        Assert.Contains(lines, line => line.StartsWith($"wisp: {path}:4:1: unknown key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, "no such file or folder", "up", "no/such/app")]
    [InlineData(1, "no wisp.toml in this folder", "up", "samples/add")]
    [InlineData(1, "did you mean currency?", "up", "samples/shop", "-e", "curency=X")]
    [InlineData(2, "expected NAME=VALUE", "up", "samples/shop", "-e", "currency")]
    [InlineData(2, "--listen", "up", "samples/shop", "--listen", "8080")]
    [InlineData(1, "cannot listen", "up", "samples/shop", "--listen", "192.0.2.1:80")]
    public void WhatCannotRunIsOneLine(int code, string text, params string[] arguments)
    {
        WispResult result = WispProcess.Run(arguments);

        Assert.Equal(code, result.Code);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.AsSpan().Count('\n'));
    }

    [Fact]
    public void SchemaIsJson()
    {
        WispResult result = WispProcess.Run("schema");

        Assert.Equal(0, result.Code);
        using var schema = System.Text.Json.JsonDocument.Parse(result.Output);
        Assert.True(schema.RootElement.GetProperty("properties").TryGetProperty("component", out _));
    }
}
