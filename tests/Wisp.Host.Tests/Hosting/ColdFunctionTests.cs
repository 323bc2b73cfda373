using System.Net;
using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Hosting;

public sealed class ColdFunctionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CodeIsMappedByTheFirstRequestAndDroppedWhenIdle()
    {
        var clock = new ManualClock(Noon);
        await using RunningHost host = await RunningHost.StartAsync(clock: clock);
        DeployedVersion version = host.Version("app", 1, Text("hello"), RunningHost.One("", "instances.idle = \"10s\""));

        host.Serve(version);
        Assert.False(IsMapped(version));

        Assert.Equal("hello", await host.GetTextAsync("app.localhost"));
        Assert.True(IsMapped(version));
        Assert.Matches("#1 GET \"/\" 200 \\S+ \\S+ \\S+ wake=\\d+\\.\\d\\dms ", await host.LogAsync("#1 GET"));

        clock.Set(Noon.AddSeconds(9));
        Assert.Equal("hello", await host.GetTextAsync("app.localhost"));
        Assert.DoesNotContain("wake=", (await host.LogAsync("#2 GET")).Split("#2 GET")[1], StringComparison.Ordinal);

        await DropAsync(host, clock, Noon.AddSeconds(30));
        Assert.False(IsMapped(version));

        Assert.Equal("hello", await host.GetTextAsync("app.localhost"));
        Assert.Contains("wake=", (await host.LogAsync("#3 GET")).Split("#3 GET")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestThatRunsKeepsItsCode()
    {
        var clock = new ManualClock(Noon);
        await using RunningHost host = await RunningHost.StartAsync(clock: clock);
        DeployedVersion version = host.Version("app", 1, Programs.Echo);
        host.Serve(version);
        using var body = new HeldBody();
        Task<HttpResponseMessage> began = host.Client.PostAsync("http://app.localhost/", body, Stop);
        while (host.Host.Loaded == 0)
        {
            await Task.Delay(2, Stop);
        }

        clock.Set(Noon.AddHours(1));
        clock.Set(Noon.AddHours(2));
        Assert.True(IsMapped(version));

        body.End();
        Assert.Equal(HttpStatusCode.OK, (await began).StatusCode);
        await DropAsync(host, clock, Noon.AddHours(4));
        Assert.False(IsMapped(version));
    }

    [Fact]
    public async Task VersionThatLosesItsTrafficLosesItsCode()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        DeployedVersion first = host.Version("app", 1, Text("one"));
        DeployedVersion second = host.Version("app", 2, Text("two"));
        host.Serve(first);
        await host.GetTextAsync("app.localhost");

        host.Host.SetTraffic("app", [(first, 50), (second, 50)]);
        Assert.True(IsMapped(first));   // it stays and keeps what is warm
        host.Serve(second);

        await WaitForAsync(() => !IsMapped(first));
        Assert.Equal(0, host.Host.Loaded);
    }

    [Fact]
    public async Task ChangedSecretLoadsAVersionAgain()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        DeployedVersion version = host.Version(
            "app", 1, Programs.Environment, RunningHost.One("[variables]\nkey = { required = true, secret = true }", "permissions.env = [\"KEY={{ key }}\"]"));
        host.Serve(version with { Variables = new Dictionary<string, string> { ["key"] = "old" } });
        Assert.Contains("KEY=old\0", await host.GetTextAsync("app.localhost"), StringComparison.Ordinal);

        host.Serve(version with { Variables = new Dictionary<string, string> { ["key"] = "new" } });

        Assert.Contains("KEY=new\0", await host.GetTextAsync("app.localhost"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailureToWakeIs503ThatIsLoggedAndTriedAgainLater()
    {
        var clock = new ManualClock(Noon);
        await using RunningHost host = await RunningHost.StartAsync(clock: clock);
        DeployedVersion version = host.Version("app", 1, Text("hello"));
        string source = version.Manifest.Components[0].Source;
        host.Serve(version);
        File.Move(source, source + ".away");
        File.Move(version.Images["c"], version.Images["c"] + ".away");

        HttpResponseMessage answer = await host.GetAsync("app.localhost");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("503 the function cannot be loaded\n", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Contains("#1 cannot be loaded: ", await host.LogAsync("#1 GET"), StringComparison.Ordinal);

        File.Move(source + ".away", source);
        File.Move(version.Images["c"] + ".away", version.Images["c"]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.GetAsync("app.localhost")).StatusCode);   // not tried again at once
        clock.Set(Noon.AddSeconds(2));
        Assert.Equal("hello", await host.GetTextAsync("app.localhost"));
    }

    [Fact]
    public async Task ProgramThatCannotRunIs500()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        host.Serve(host.Version("app", 1, Wisp.Wasm.Text.WatParser.ParseModule("(module (import \"x\" \"y\" (func)) (memory 1))")));

        Assert.Equal(HttpStatusCode.InternalServerError, (await host.GetAsync("app.localhost")).StatusCode);
        Assert.Contains("cannot be loaded: component c: ", await host.LogAsync("#1 GET"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FilesOfAnswersAreReadWhenTheyAreAskedFor()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        DeployedVersion version = host.Version("app", 1, Text("x"), """
            [[trigger.http]]
            route = "/page"
            response.file = "page.html"
            [[trigger.http]]
            route = "/c"
            component = "c"
            [component.c]
            source = "c.wasm"
            """);
        string page = Path.Combine(version.Manifest.Folder, "page.html");
        await File.WriteAllTextAsync(page, "<p>a page", Stop);
        host.Serve(version);

        HttpResponseMessage answer = await host.GetAsync("app.localhost", "/page");
        Assert.Equal(("text/html; charset=utf-8", 9), (answer.Content.Headers.ContentType!.ToString(), answer.Content.Headers.ContentLength));
        Assert.Equal("<p>a page", await answer.Content.ReadAsStringAsync(Stop));

        File.Delete(page);
        Assert.Equal(HttpStatusCode.InternalServerError, (await host.GetAsync("app.localhost", "/page")).StatusCode);
    }

    private static byte[] Text(string text) => Programs.Print($"Content-Type: text/plain\n\n{text}");

    /// <summary>Whether the code is mapped; what the rest of the image was read through goes with a collection of garbage.</summary>
    private static bool IsMapped(DeployedVersion version) => File.ReadAllLines("/proc/self/maps").Any(
        line => line.Contains(" r-xp ", StringComparison.Ordinal) && line.EndsWith(version.Images["c"], StringComparison.Ordinal));

    /// <summary>Sets the clock until nothing is loaded: an invocation ends a moment after its answer.</summary>
    private static Task DropAsync(RunningHost host, ManualClock clock, DateTimeOffset now) => WaitForAsync(() =>
    {
        now += TimeSpan.FromHours(1);
        clock.Set(now);
        return host.Host.Loaded == 0;
    });

    private static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, Stop);
        }
    }
}
