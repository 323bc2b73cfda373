using System.Net;

namespace Wisp.Host.Tests.Apps;

public sealed class AppServerTests
{
    private const string TwoRoutes = """
        [[trigger.http]]
        route = "/env/:id/..."
        methods = ["GET", "PUT"]
        component = "env"
        [[trigger.http]]
        route = "/echo"
        component = "echo"
        [[trigger.http]]
        route = "/moved"
        response = { status = 301, headers = { Location = "/echo" }, body = "moved\n" }
        [component.env]
        source = "env.wasm"
        permissions.env = ["MODE={{ mode }}", "PATH_PARAM_OTHER=granted"]
        [component.echo]
        source = "echo.wasm"
        limits = { request = 1000, response = 500 }
        [variables]
        mode = "default"
        """;

    private static readonly Dictionary<string, byte[]> TwoPrograms = new()
    {
        ["env.wasm"] = Programs.Environment,
        ["echo.wasm"] = Programs.Echo,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RouteChoosesTheComponentAndSplitsThePath()
    {
        await using RunningApp app = await RunningApp.StartAsync(TwoRoutes, TwoPrograms);

        string[] variables = (await app.Client.GetStringAsync("/env/a%20b/rest/of%2Fit?q", Stop)).Split('\0');

        Assert.Contains("SCRIPT_NAME=/env/a b", variables);
        Assert.Contains("PATH_INFO=/rest/of%2Fit", variables);
        Assert.Contains("PATH_PARAM_ID=a b", variables);
        Assert.Contains("REQUEST_URI=/env/a%20b/rest/of%2Fit?q", variables);
        Assert.Contains("MODE=default", variables);
        Assert.Contains(" 200 ", await app.LogAsync("component=env"), StringComparison.Ordinal);
        Assert.Contains(" app=test route=/env/:id/... component=env\n", app.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeaderCannotBecomeARouteParameter()
    {
        await using RunningApp app = await RunningApp.StartAsync(TwoRoutes, TwoPrograms);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/env/1");
        request.Headers.Add("Path-Param-Id", "forged");

        string[] variables = (await (await app.Client.SendAsync(request, Stop)).Content.ReadAsStringAsync(Stop)).Split('\0');

        Assert.Equal("PATH_PARAM_ID=1", variables.Single(variable => variable.StartsWith("PATH_PARAM_ID=", StringComparison.Ordinal)));
        Assert.Contains("HTTP_PATH_PARAM_ID=forged", variables);
    }

    [Fact]
    public async Task WhatNoRouteTakesIs404And405()
    {
        await using RunningApp app = await RunningApp.StartAsync(TwoRoutes, TwoPrograms);

        HttpResponseMessage unknown = await app.Client.GetAsync("/other", Stop);
        HttpResponseMessage method = await app.Client.DeleteAsync("/env/1", Stop);

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal(["GET", "HEAD", "PUT"], method.Content.Headers.Allow);
    }

    [Fact]
    public async Task AnswerOfTheHostNeedsNoComponent()
    {
        await using RunningApp app = await RunningApp.StartAsync(TwoRoutes, TwoPrograms);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/moved");

        HttpResponseMessage response = await app.Client.GetAsync("/moved", Stop);
        HttpResponseMessage withoutBody = await app.Client.SendAsync(head, Stop);

        Assert.Equal((HttpStatusCode.MovedPermanently, "/echo"), (response.StatusCode, response.Headers.Location!.OriginalString));
        Assert.Equal("moved\n", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal((6, ""), (withoutBody.Content.Headers.ContentLength, await withoutBody.Content.ReadAsStringAsync(Stop)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestLimitOfTheComponentIs413AndNamed(bool isChunked)
    {
        await using RunningApp app = await RunningApp.StartAsync("""
            [[trigger.http]]
            route = "/small"
            component = "small"
            [[trigger.http]]
            route = "/large"
            component = "large"
            [component.small]
            source = "all.wasm"
            limits.request = 1000
            [component.large]
            source = "all.wasm"
            """, new() { ["all.wasm"] = Programs.ReadAll });

        HttpResponseMessage small = await app.Client.SendAsync(Post("/small", 2000, isChunked), Stop);
        HttpResponseMessage large = await app.Client.SendAsync(Post("/large", 2_000_000, isChunked), Stop);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, small.StatusCode);
        Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        Assert.Contains("component=small limit=request", await app.LogAsync("limit="), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResponseLimitCutsTheConnectionAndIsNamed()
    {
        await using RunningApp app = await RunningApp.StartAsync(TwoRoutes, TwoPrograms);

        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
            await (await app.Client.SendAsync(Post("/echo", 900, false), Stop)).Content.ReadAsByteArrayAsync(Stop));

        Assert.Contains("component=echo limit=response", await app.LogAsync("limit="), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wall = \"50ms\"", "limit=wall")]
    [InlineData("cpu = \"20ms\"", "limit=cpu")]
    public async Task TimeLimitsAre504AndNamed(string limit, string named)
    {
        await using RunningApp app = await RunningApp.StartAsync(
            One($"limits = {{ {limit} }}"), new() { ["c.wasm"] = Programs.Spin });

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Contains(named, await app.LogAsync("limit="), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FullQueueIs503WithRetryAfterAndOneComponentLeavesOthersAlone()
    {
        await using RunningApp app = await RunningApp.StartAsync("""
            [[trigger.http]]
            route = "/slow"
            component = "slow"
            [[trigger.http]]
            route = "/quick"
            component = "quick"
            [component.slow]
            source = "slow.wasm"
            limits = { concurrency = 1, queue = 1 }
            [component.quick]
            source = "quick.wasm"
            """, new() { ["slow.wasm"] = Programs.Echo, ["quick.wasm"] = Programs.Print("Status: 204\n\n") });
        using var body = new HeldBody();
        Task<HttpResponseMessage> running = app.Client.PostAsync("/slow", body, Stop);
        await WaitForAsync(() => app.Server.Running == 1);
        Task<HttpResponseMessage> waiting = app.Client.PostAsync("/slow", body, Stop);
        await WaitForAsync(() => app.Server.Running == 2);

        HttpResponseMessage refused = await app.Client.GetAsync("/slow", Stop);
        HttpResponseMessage other = await app.Client.GetAsync("/quick", Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.NoContent, other.StatusCode);
        body.End();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.Contains("component=slow limit=concurrency", await app.LogAsync("limit="), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SwapLosesNoRequest()
    {
        string[] versions = ["one", "two", "three", "four", "five"];
        var programs = versions.ToDictionary(version => $"{version}.wasm", version => Programs.Print($"Content-Type: text/plain\n\n{version}"));
        await using RunningApp app = await RunningApp.StartAsync(One("", "one.wasm"), programs);
        using var end = new CancellationTokenSource();
        Task<HashSet<string>>[] clients = [.. Enumerable.Range(0, 4).Select(_ => AskAsync(app.Client, end.Token))];

        foreach (string version in versions[1..])
        {
            int before = app.Log.AsSpan().Count('\n');
            await WaitForAsync(() => app.Log.AsSpan().Count('\n') > before + 20);
            app.Server.Swap(app.Load(One("", $"{version}.wasm")));
        }

        int last = app.Log.AsSpan().Count('\n');
        await WaitForAsync(() => app.Log.AsSpan().Count('\n') > last + 20);
        await end.CancelAsync();
        HashSet<string>[] answers = await Task.WhenAll(clients);

        Assert.All(answers, seen => Assert.Subset(versions.ToHashSet(), seen));
        Assert.Contains("five", answers.SelectMany(seen => seen));
        Assert.Equal("five", await app.Client.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task RequestEndsInTheAppThatItBeganIn()
    {
        await using RunningApp app = await RunningApp.StartAsync(
            One("", "slow.wasm"), new() { ["slow.wasm"] = Programs.Echo, ["new.wasm"] = Programs.Print("Status: 204\n\n") });
        using var body = new HeldBody();
        Task<HttpResponseMessage> began = app.Client.PostAsync("/", body, Stop);
        await WaitForAsync(() => app.Server.Running == 1);

        app.Server.Swap(app.Load(One("", "new.wasm")));

        Assert.Equal(HttpStatusCode.NoContent, (await app.Client.GetAsync("/", Stop)).StatusCode);
        body.End();
        Assert.Equal(HttpStatusCode.OK, (await began).StatusCode);
    }

    [Fact]
    public void ProgramThatNeedsMoreThanItsMemoryLimitIsRefusedBeforeItServes()
    {
        var refused = Assert.ThrowsAny<IOException>(() => RunningApp.StartAsync(
            One("limits.memory = 65536"), new() { ["c.wasm"] = Programs.Spin }).GetAwaiter().GetResult());

        Assert.StartsWith("component c: ", refused.Message, StringComparison.Ordinal);
    }

    private static string One(string lines, string source = "c.wasm") => $"""
        [[trigger.http]]
        route = "/..."
        component = "c"
        [component.c]
        source = "{source}"
        {lines}
        """;

    private static HttpRequestMessage Post(string path, int bytes, bool isChunked)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[bytes]) };
        request.Headers.TransferEncodingChunked = isChunked;
        return request;
    }

    private static async Task<HashSet<string>> AskAsync(HttpClient client, CancellationToken end)
    {
        var answers = new HashSet<string>();
        while (!end.IsCancellationRequested)
        {
            answers.Add(await client.GetStringAsync("/", Stop));
        }

        return answers;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, Stop);
        }
    }
}
