using System.Net;
using Wisp.Host.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Tests.Telemetry;

public sealed class InvocationRecordTests
{
    private const string Web = """
        [[trigger.http]]
        route = "/items/:id"
        component = "web"
        [component.web]
        source = "web.wasm"
        """;

    [Fact]
    public async Task RequestLeavesOneRecord()
    {
        await using RunningApp app = await RunningApp.StartAsync(Web, new() { ["web.wasm"] = Programs.Print("Status: 200\n\nhello") });
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await app.Client.GetStringAsync("/items/7?q=%20", TestContext.Current.CancellationToken);

        InvocationRecord record = await app.Invocations.RecordAsync(_ => true);
        Assert.Equal(1, record.Number);
        Assert.Equal(
            ("test", 0, "web", "http", "/items/:id", "GET", "/items/7?q=%20", 200),
            (record.App, record.Version, record.Component, record.Trigger, record.Route, record.Method, record.Target, record.Status));
        Assert.InRange(record.Started, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.True(record.Cpu > TimeSpan.Zero && record.Instantiation > TimeSpan.Zero && record.Wall > TimeSpan.Zero, record.ToString());
        Assert.Equal(4 * 65536, record.MemoryBytes);
        Assert.True(record is { IsFailed: false, Limit: null, Failure: null, Wake: null, Result: null, DeniedCount: 0, Denied.Count: 0 });
        Assert.Single(app.Invocations.Records);
    }

    [Fact]
    public async Task VersionThatAnsweredIsNamed()
    {
        await using RunningApp app = await RunningApp.StartAsync(Web, new() { ["web.wasm"] = Programs.Print("Status: 200\n\nhello") });
        app.Server.Swap(app.LoadVersion(Web, 7));
        await app.Client.GetStringAsync("/items/7", TestContext.Current.CancellationToken);

        Assert.Equal(7, (await app.Invocations.RecordAsync(_ => true)).Version);
        Assert.Contains(" app=test version=7 route=/items/:id component=web", await app.LogAsync("component=web"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrapIsAFailureWithItsBacktrace()
    {
        await using RunningApp app = await RunningApp.StartAsync(Web, new() { ["web.wasm"] = Programs.Trap });
        await app.Client.GetAsync("/items/7", TestContext.Current.CancellationToken);

        InvocationRecord record = await app.Invocations.RecordAsync(_ => true);
        Assert.True(record is { IsFailed: true, Status: 500, Limit: null });
        Assert.StartsWith("trap: unreachable", record.Failure, StringComparison.Ordinal);
        Assert.Contains("main", record.Failure, StringComparison.Ordinal);
        Assert.Equal([$"test #1 {record.Failure}"], app.Invocations.Lines);
    }

    [Fact]
    public async Task ProcessorTimeIsThatOfTheProgram()
    {
        await using RunningApp app = await RunningApp.StartAsync(
            Web + "\nlimits = { cpu = \"50ms\" }", new() { ["web.wasm"] = Programs.Spin });
        await app.Client.GetAsync("/items/7", TestContext.Current.CancellationToken);

        InvocationRecord record = await app.Invocations.RecordAsync(_ => true);
        Assert.Equal("cpu", record.Limit);
        Assert.InRange(record.Cpu, TimeSpan.FromMilliseconds(50), record.Wall);
    }

    [Fact]
    public async Task WaitingTakesNoProcessorTime()
    {
        await using RunningApp app = await RunningApp.StartAsync(Web, new() { ["web.wasm"] = Programs.Slow(200) });
        await app.Client.GetStringAsync("/items/7", TestContext.Current.CancellationToken);

        InvocationRecord record = await app.Invocations.RecordAsync(_ => true);
        Assert.True(record.Wall >= TimeSpan.FromMilliseconds(200));
        Assert.True(record.Cpu < TimeSpan.FromMilliseconds(100), record.Cpu.ToString());
    }

    [Fact]
    public async Task DenialIsOfTheInvocationThatMetIt()
    {
        string folder = Directory.CreateTempSubdirectory("wisp-").FullName;
        try
        {
            await using RunningApp app = await RunningApp.StartAsync(
                """
                [[trigger.http]]
                route = "/bad"
                component = "bad"
                [[trigger.http]]
                route = "/good"
                component = "good"
                [component.bad]
                source = "bad.wasm"
                permissions.fs = [{ host = ".", guest = "/data" }]
                [component.good]
                source = "good.wasm"
                permissions.fs = [{ host = ".", guest = "/data" }]
                """,
                new() { ["bad.wasm"] = Programs.OpenToWrite("users.db", 20), ["good.wasm"] = Programs.Print("Status: 200\n\nhello") },
                folder);
            await app.Client.GetAsync("/bad", TestContext.Current.CancellationToken);
            await app.Client.GetAsync("/good", TestContext.Current.CancellationToken);

            InvocationRecord bad = await app.Invocations.RecordAsync(record => record.Route == "/bad");
            InvocationRecord good = await app.Invocations.RecordAsync(record => record.Route == "/good");
            Assert.Equal((20, 0), (bad.DeniedCount, good.DeniedCount));
            Denial denial = Assert.Single(bad.Denied);
            Assert.Equal("open \"/data/users.db\" for writing", denial.Action);
            Assert.Contains("access = \"read-write\"", denial.ToAllowToml, StringComparison.Ordinal);
            Assert.Contains(" denied=20", await app.LogAsync("denied="), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task RequestWithoutProgramHasARecordToo()
    {
        await using RunningApp app = await RunningApp.StartAsync(Web, new() { ["web.wasm"] = Programs.Trap });
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/nothing", TestContext.Current.CancellationToken)).StatusCode);

        InvocationRecord record = await app.Invocations.RecordAsync(_ => true);
        Assert.Equal(("test", null, null, 404), (record.App, record.Component, record.Route, record.Status));
        Assert.False(record.IsFailed);
    }

    [Theory]
    [InlineData(0, "ok", false)]
    [InlineData(3, "exit 3", true)]
    public async Task TickLeavesARecord(int code, string result, bool isFailed)
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 1, 31, 12, 0, 30, TimeSpan.Zero));
        await using RunningApp app = await RunningApp.StartAsync(
            """
            [[trigger.cron]]
            schedule = "* * * * *"
            component = "sweep"
            [component.sweep]
            source = "sweep.wasm"
            """,
            new() { ["sweep.wasm"] = Programs.Exit(code, "swept\n") }, clock: clock);
        while (clock.Waiting == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        clock.Set(new DateTimeOffset(2026, 1, 31, 12, 1, 0, TimeSpan.Zero));

        InvocationRecord record = await app.Invocations.RecordAsync(_ => true);
        Assert.Equal(
            ("test", "sweep", "cron", "* * * * *", null, null, result, isFailed),
            (record.App, record.Component, record.Trigger, record.Route, record.Method, record.Target, record.Result, record.IsFailed));
        Assert.True(record.Cpu > TimeSpan.Zero);
        Assert.Contains("test #1 stderr: swept", app.Invocations.Lines);
    }
}
