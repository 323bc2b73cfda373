using System.Net;
using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Hosting;

public sealed class FunctionHostTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HostNameChoosesTheApp()
    {
        await using RunningHost host = await RunningHost.StartAsync(new() { Domain = "test" });
        host.Serve(host.Version("one", 1, Text("one")));
        host.Serve(host.Version("two", 7, Text("two"), RunningHost.One("hosts = [\"two.example.com\", \"*.two.example.com\"]")));

        Assert.Equal("one", await host.GetTextAsync("one.test"));
        Assert.Equal("one", await host.GetTextAsync("ONE.test:8080"));
        Assert.Equal("two", await host.GetTextAsync("two.example.com"));
        Assert.Equal("two", await host.GetTextAsync("a.two.example.com"));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("two.test")).StatusCode);   // hosts take the place of the default
        Assert.Contains(" app=two version=7 route=/... component=c\n", await host.LogAsync("app=two"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownHostIs404ThatSaysSoAndNoHostIs400()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        host.Serve(host.Version("one", 1, Text("one")));

        HttpResponseMessage unknown = await host.GetAsync("other.localhost:81");

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("404 no app answers for the host other.localhost:81\n", await unknown.Content.ReadAsStringAsync(Stop));
        Assert.StartsWith("HTTP/1.1 400 ", await host.SendRawAsync("GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await host.SendRawAsync("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await host.SendRawAsync("GET / HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 400 ", await host.SendRawAsync("GET http://one.localhost/ HTTP/1.1\r\nHost: two.localhost\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 400 ", await host.SendRawAsync("GET / HTTP/1.1\r\nHost: one.localhost\r\nHost: two.localhost\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "\r\n\r\none", await host.SendRawAsync("GET http://one.localhost/ HTTP/1.0\r\nHost: one.localhost\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostNameOfAnotherAppIsRefusedAndNothingChanges()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        host.Serve(host.Version("one", 1, Text("one"), RunningHost.One("hosts = [\"*.example.com\", \"two.localhost\"]")));
        DeployedVersion thief = host.Version("thief", 1, Text("thief"), RunningHost.One("hosts = [\"new.example.com\", \"*.example.com\"]"));

        DeployException probed = await Assert.ThrowsAsync<DeployException>(() => host.Host.ProbeAsync(thief, Stop));
        DeployException set = Assert.Throws<DeployException>(() => host.Serve(thief));
        DeployException byDefault = Assert.Throws<DeployException>(() => host.Serve(host.Version("two", 1, Text("two"))));

        Assert.Equal(("host-taken", "host-taken", "host-taken"), (probed.Code, set.Code, byDefault.Code));
        Assert.Equal("the app one answers for the host *.example.com already", set.Message);
        Assert.Equal("one", await host.GetTextAsync("new.example.com"));

        host.Serve(host.Version("one", 2, Text("one again"), RunningHost.One("hosts = [\"*.example.com\"]")));   // its own is no conflict
        host.Serve(host.Version("two", 1, Text("two")));
        Assert.Equal("one again", await host.GetTextAsync("a.example.com"));
        Assert.Equal("two", await host.GetTextAsync("two.localhost"));

        host.Host.Remove("one");
        host.Serve(thief);
        Assert.Equal("thief", await host.GetTextAsync("a.example.com"));
    }

    [Fact]
    public async Task CanaryGetsItsPartOfTenThousandRequests()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        host.Host.SetTraffic("app", [(host.Version("app", 1, Text("1")), 90), (host.Version("app", 2, Text("2")), 10)]);
        int canary = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (int i = 0; i < 1250; i++)
            {
                if (await host.GetTextAsync("app.localhost") == "2")
                {
                    Interlocked.Increment(ref canary);
                }
            }
        }));

        Assert.InRange(canary / 100.0, 8, 12);
    }

    [Fact]
    public async Task DeploysAndRollbacksUnderLoadLoseNoRequest()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        DeployedVersion[] versions = [.. Enumerable.Range(1, 4).Select(n => host.Version("app", n, Text($"v{n}")))];
        host.Serve(versions[0]);
        using var end = new CancellationTokenSource();
        int answered = 0;
        Task<HashSet<string>>[] clients = [.. Enumerable.Range(0, 4).Select(async _ =>
        {
            var seen = new HashSet<string>();
            while (!end.IsCancellationRequested)
            {
                seen.Add(await host.GetTextAsync("app.localhost"));   // throws for whatever is no 200
                Interlocked.Increment(ref answered);
            }

            return seen;
        })];

        for (int round = 0; round < 12; round++)
        {
            int before = Volatile.Read(ref answered);
            while (Volatile.Read(ref answered) < before + 40 && !clients.Any(client => client.IsFaulted))
            {
                await Task.Delay(2, Stop);
            }

            (DeployedVersion Version, int Weight)[] shares = (round % 3) switch
            {
                0 => [(versions[(round / 3) % 4], 90), (versions[((round / 3) + 1) % 4], 10)],   // a canary
                1 => [(versions[((round / 3) + 1) % 4], 100)],                                   // for all
                _ => [(versions[(round / 3) % 4], 100)],                                         // and back
            };
            host.Host.SetTraffic("app", shares);
        }

        host.Serve(versions[0]);
        await end.CancelAsync();
        HashSet<string>[] answers = await Task.WhenAll(clients);
        Assert.Subset(new HashSet<string> { "v1", "v2", "v3", "v4" }, answers.SelectMany(seen => seen).ToHashSet());
        Assert.Equal("v1", await host.GetTextAsync("app.localhost"));
    }

    [Fact]
    public async Task RequestEndsInItsVersionAlsoWhenTheAppIsRemoved()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        host.Serve(host.Version("app", 1, Programs.Echo));
        using var body = new HeldBody();
        Task<HttpResponseMessage> began = host.Client.PostAsync("http://app.localhost/", body, Stop);
        while (host.Host.Running == 0)
        {
            await Task.Delay(2, Stop);
        }

        host.Host.Remove("app");

        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("app.localhost")).StatusCode);
        body.End();
        Assert.Equal(HttpStatusCode.OK, (await began).StatusCode);
    }

    [Fact]
    public async Task CronRunsOnceForTheVersionWithTheMostTraffic()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 1, 31, 12, 0, 30, TimeSpan.Zero));
        await using RunningHost host = await RunningHost.StartAsync(clock: clock);
        const string Minutely = """
            [[trigger.cron]]
            schedule = "* * * * *"
            component = "c"
            [component.c]
            source = "c.wasm"
            """;
        DeployedVersion[] versions = [.. Enumerable.Range(1, 3).Select(n => host.Version("app", n, Programs.Exit(n, $"ran{n}"), Minutely))];
        host.Host.SetTraffic("app", [(versions[0], 30), (versions[1], 60), (versions[2], 10)]);

        await TickAsync(clock, 1);
        Assert.Contains("exit 2", await host.LogAsync("version=2 component=c"), StringComparison.Ordinal);

        host.Host.SetTraffic("app", [(versions[0], 30), (versions[1], 10), (versions[2], 60)]);
        await TickAsync(clock, 2);
        string log = await host.LogAsync("version=3 component=c");

        Assert.Equal(2, log.AsSpan().Count(" cron \""));
        Assert.DoesNotContain("exit 1", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProbeSaysWhatDoesNotWork()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        string health = RunningHost.One("health = \"/health\"");

        await host.Host.ProbeAsync(host.Version("app", 1, Text("fine"), health), Stop);
        await host.Host.ProbeAsync(host.Version("app", 2, Programs.Trap), Stop);   // runs only when it is asked
        await host.Host.ProbeAsync(host.Version("app", 3, Programs.Print("Status: 404\n\n"), health), Stop);
        DeployException trapped = await FailsAsync(host.Version("app", 4, Programs.Trap, health));
        DeployException cut = await FailsAsync(host.Version("app", 5, Programs.AnswerThenTrap, health));
        DeployException noStart = await FailsAsync(host.Version("app", 6, Module("(module (memory 1))")));
        DeployException tooLarge = await FailsAsync(host.Version("app", 7, Text("x"), RunningHost.One("", "limits.memory = \"64KiB\"")));
        DeployException startTraps = await FailsAsync(host.Version("app", 8, Module("(module (func $f unreachable) (start $f) (func (export \"_start\")))")));

        Assert.Equal("GET /health answered 500 Internal Server Error", trapped.Message);
        Assert.StartsWith("GET /health gave no whole answer: ", cut.Message, StringComparison.Ordinal);
        Assert.Contains("exports no function _start and no function handle", noStart.Message, StringComparison.Ordinal);
        Assert.StartsWith("component c: ", tooLarge.Message, StringComparison.Ordinal);
        Assert.Contains("unreachable", startTraps.Message, StringComparison.Ordinal);
        Assert.Contains("\"/health\" 200 ", await host.LogAsync("version=1"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("app.localhost")).StatusCode);

        async Task<DeployException> FailsAsync(DeployedVersion version)
        {
            DeployException failure = await Assert.ThrowsAsync<DeployException>(() => host.Host.ProbeAsync(version, Stop));
            Assert.Equal("probe-failed", failure.Code);
            return failure;
        }
    }

    [Fact]
    public async Task ProbeOfAHealthPathThatNeverAnswersEnds()
    {
        await using RunningHost host = await RunningHost.StartAsync(new() { ProbeTimeout = TimeSpan.FromMilliseconds(50) });

        DeployException failure = await Assert.ThrowsAsync<DeployException>(
            () => host.Host.ProbeAsync(host.Version("app", 1, Programs.Spin, RunningHost.One("health = \"/health\"")), Stop));

        Assert.Equal("GET /health gave no answer within 0.05 s", failure.Message);
    }

    [Fact]
    public async Task EndlessLoopsOfOneAppLeaveAnotherItsTurns()
    {
        // More than processors, so that without turns nothing else would ever run.
        int loops = 4 * Environment.ProcessorCount;
        await using RunningHost host = await RunningHost.StartAsync();
        host.Serve(host.Version("loop", 1, Programs.Spin, RunningHost.One("", "limits = { wall = \"1h\", cpu = \"1h\" }")));
        host.Serve(host.Version("hello", 1, Text("hello")));
        using var end = new CancellationTokenSource();
        Task<HttpResponseMessage>[] endless = [.. Enumerable.Range(0, loops).Select(_ => host.Client.GetAsync("http://loop.localhost/", end.Token))];
        while (host.Host.Running < loops)
        {
            await Task.Delay(5, Stop);
        }

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("hello", await host.GetTextAsync("hello.localhost"));
        }

        Assert.All(endless, loop => Assert.False(loop.IsCompleted));
        Assert.InRange(host.Host.Running, loops, loops + 1);   // hello's last one may end a moment after its answer
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(endless));
    }

    [Fact]
    public async Task StaleImageIsCompiledAgainWithALine()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        DeployedVersion version = host.Version("app", 1, Text("fine"));
        await File.WriteAllTextAsync(version.Images["c"], "damaged", Stop);

        host.Serve(version);

        Assert.Equal("fine", await host.GetTextAsync("app.localhost"));
        Assert.Contains("image cannot be used, compiling c.wasm again: ", await host.LogAsync("component=c"), StringComparison.Ordinal);
    }

    private static byte[] Text(string text) => Programs.Print($"Content-Type: text/plain\n\n{text}");

    private static byte[] Module(string text) => Wisp.Wasm.Text.WatParser.ParseModule(text);

    private static async Task TickAsync(ManualClock clock, int minute)
    {
        while (clock.Waiting == 0)
        {
            await Task.Delay(2, Stop);
        }

        clock.Set(new DateTimeOffset(2026, 1, 31, 12, minute, 0, TimeSpan.Zero));
    }
}
