namespace Wisp.Host.Tests.Cron;

public sealed class CronSchedulerTests
{
    private const string EveryMinute = """
        [[trigger.cron]]
        schedule = "* * * * *"
        component = "job"
        [component.job]
        source = "job.wasm"
        limits.wall = "10m"
        """;

    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 30, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunsAtItsTicksWithALineEach()
    {
        var clock = new ManualClock(Noon);
        await using RunningApp app = await RunningApp.StartAsync(EveryMinute, new() { ["job.wasm"] = Programs.EnvironmentLines }, clock: clock);

        await SetAsync(clock, Noon.AddSeconds(30));
        string log = await app.LogAsync("component=job\n");

        Assert.Contains("#1 stdout: WISP_CRON_TIME=2026-01-31T12:01:00Z", log, StringComparison.Ordinal);
        Assert.Contains("#1 stdout: WISP_TRIGGER=cron", log, StringComparison.Ordinal);
        Assert.DoesNotContain("REQUEST_METHOD", log, StringComparison.Ordinal);
        Assert.Matches("#1 cron \"\\* \\* \\* \\* \\*\" ok \\d+\\.\\dms cpu=\\S+ instantiate=\\S+ memory=\\S+ app=test component=job\n", log);

        // A run ends a moment after its line; a tick in that moment is skipped, and the next one runs.
        int minute = 1;
        for (; !log.Contains("#2 cron", StringComparison.Ordinal); minute++)
        {
            int lines = log.AsSpan().Count("* * * *");
            await SetAsync(clock, Noon.AddSeconds(30).AddMinutes(minute));
            while (log.AsSpan().Count("* * * *") == lines)
            {
                await Task.Delay(2, Stop);
                log = app.Log;
            }
        }

        Assert.Contains($"#2 stdout: WISP_CRON_TIME=2026-01-31T12:{minute:00}:00Z", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissedTicksAreNotMadeUpFor()
    {
        var clock = new ManualClock(Noon);
        await using RunningApp app = await RunningApp.StartAsync(EveryMinute, new() { ["job.wasm"] = Programs.EnvironmentLines }, clock: clock);

        await SetAsync(clock, Noon.AddHours(1));
        string log = await app.LogAsync("component=job\n");
        await app.LogAsync("cron \"* * * * *\" ok");

        Assert.Contains("missed ticks from 2026-01-31T12:01:00Z on app=test component=job", log, StringComparison.Ordinal);
        Assert.Contains("#1 stdout: WISP_CRON_TIME=2026-01-31T13:00:00Z", app.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("#2 ", app.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClockThatIsSetBackBringsItsTicksAgain()
    {
        var clock = new ManualClock(Noon);
        await using RunningApp app = await RunningApp.StartAsync(EveryMinute, new() { ["job.wasm"] = Programs.EnvironmentLines }, clock: clock);
        await SetAsync(clock, Noon.AddSeconds(30));
        string log = await app.LogAsync("#1 cron");
        Assert.Contains("WISP_CRON_TIME=2026-01-31T12:01:00Z", log, StringComparison.Ordinal);

        while (clock.Waiting == 0)
        {
            await Task.Delay(2, Stop);
        }

        clock.Turn(TimeSpan.FromMinutes(-20));            // 11:41:00; it sleeps for half a minute at most
        await SetAsync(clock, Noon.AddMinutes(-19));      // 11:41:30: looks at the clock, and goes on from there
        for (int minute = 42; !log.Contains("#2 cron", StringComparison.Ordinal); minute++)
        {
            // A run ends a moment after its line; a tick in that moment is skipped, and the next one runs.
            int lines = log.AsSpan().Count("* * * *");
            await SetAsync(clock, new DateTimeOffset(2026, 1, 31, 11, minute, 0, TimeSpan.Zero));
            while (log.AsSpan().Count("* * * *") == lines)
            {
                await Task.Delay(2, Stop);
                log = app.Log;
            }
        }

        Assert.Matches("#2 stdout: WISP_CRON_TIME=2026-01-31T11:4[2-9]:00Z", log);
        Assert.DoesNotContain("missed", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TickIsSkippedWhileTheRunBeforeGoesOn()
    {
        var clock = new ManualClock(Noon);
        RunningApp app = await RunningApp.StartAsync(EveryMinute, new() { ["job.wasm"] = Programs.Slow(4000) }, clock: clock);

        await SetAsync(clock, Noon.AddSeconds(30));
        await SetAsync(clock, Noon.AddSeconds(90));
        string log = await app.LogAsync("skipped");

        Assert.Contains("cron \"* * * * *\" skipped: the run before goes on app=test component=job", log, StringComparison.Ordinal);
        await app.DisposeAsync();   // waits for the run
        Assert.Contains("#1 cron \"* * * * *\" ok", app.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trap", " trap ")]
    [InlineData("exit", " exit 3 ")]
    [InlineData("spin", " stopped ")]
    public async Task FailuresAreInTheLine(string program, string result)
    {
        var clock = new ManualClock(Noon);
        byte[] bytes = program switch { "trap" => Programs.Trap, "exit" => Programs.Exit(3, "why"), _ => Programs.Spin };
        await using RunningApp app = await RunningApp.StartAsync(
            EveryMinute.Replace("10m", "100ms", StringComparison.Ordinal), new() { ["job.wasm"] = bytes }, clock: clock);

        await SetAsync(clock, Noon.AddSeconds(30));

        string log = await app.LogAsync("component=job");
        Assert.Contains($"#1 cron \"* * * * *\"{result}", log, StringComparison.Ordinal);
        Assert.Equal(program == "spin", log.Contains("limit=wall", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SwappedAppHearsNoMoreTicks()
    {
        var clock = new ManualClock(Noon);
        await using RunningApp app = await RunningApp.StartAsync(
            EveryMinute, new() { ["job.wasm"] = Programs.Exit(1, "old"), ["new.wasm"] = Programs.Exit(2, "new") }, clock: clock);

        app.Server.Swap(app.Load(EveryMinute.Replace("job.wasm", "new.wasm", StringComparison.Ordinal)));
        await SetAsync(clock, Noon.AddSeconds(30));

        Assert.Contains("exit 2", await app.LogAsync("component=job"), StringComparison.Ordinal);
        Assert.DoesNotContain("exit 1", app.Log, StringComparison.Ordinal);
    }

    /// <summary>Sets the clock once somebody waits for it.</summary>
    private static async Task SetAsync(ManualClock clock, DateTimeOffset now)
    {
        while (clock.Waiting == 0)
        {
            await Task.Delay(2, Stop);
        }

        clock.Set(now);
    }
}
