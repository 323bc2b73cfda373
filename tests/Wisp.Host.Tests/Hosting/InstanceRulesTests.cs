using System.Net;
using Wisp.Host.Invocations;
using Wisp.Host.Manifests;
using Wisp.Host.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Tests.Hosting;

public sealed class InstanceRulesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Answers with the number of its request; traps, exits or never ends when the first byte of the body says so.</summary>
    private static byte[] Moody => Programs.Reactor(
        """
        (global $requests (mut i32) (i32.const 48))
        (func (export "handle")
          (global.set $requests (i32.add (global.get $requests) (i32.const 1)))
          (i32.store8 (i32.const {last}) (global.get $requests))
          (i32.store8 (i32.const 65536) (i32.const 0))
          (i32.store (i32.const 0) (i32.const 65536))
          (i32.store (i32.const 4) (i32.const 16))
          (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 71))))
          (if (i32.eq (i32.load8_u (i32.const 65536)) (i32.const 116)) (then unreachable))
          (if (i32.eq (i32.load8_u (i32.const 65536)) (i32.const 101)) (then (call $proc_exit (i32.const 0))))
          (if (i32.eq (i32.load8_u (i32.const 65536)) (i32.const 115)) (then (loop $again (br $again))))
          (call $write (i32.const 1) (i32.const 1024) (i32.add (i32.const {length}) (i32.const 1))))
        """,
        "Content-Type: text/plain\r\n\r\n");

    [Fact]
    public async Task InstanceServesItsRequestsOneAfterTheOtherThenIsReplaced()
    {
        await using RunningApp app = await StartAsync("reuse = 3", Moody);

        Assert.Equal("1231231", string.Concat(await AskAsync(app, 7)));
    }

    [Fact]
    public async Task FreshInstancesShareNothing()
    {
        await using RunningApp app = await StartAsync("reuse = 1", Moody);

        Assert.Equal("111", string.Concat(await AskAsync(app, 3)));
    }

    [Fact]
    public async Task InitializationRunsOnceInAnInstance()
    {
        await using RunningApp app = await StartAsync("reuse = 2", Programs.CountingReactor);

        Assert.Equal("11 12 11", string.Join(' ', await AskAsync(app, 3)));
    }

    [Theory]
    [InlineData("trap", HttpStatusCode.InternalServerError)]
    [InlineData("exit", HttpStatusCode.BadGateway)]
    [InlineData("spin", HttpStatusCode.GatewayTimeout)]
    public async Task InstanceThatDidNotReturnIsNeverUsedAgain(string how, HttpStatusCode status)
    {
        await using RunningApp app = await StartAsync("reuse = 100", Moody, "limits.cpu = \"50ms\"");
        Assert.Equal("12", string.Concat(await AskAsync(app, 2)));

        HttpResponseMessage failed = await app.Client.PostAsync("/", new StringContent(how), Stop);

        Assert.Equal(status, failed.StatusCode);
        Assert.Equal("123", string.Concat(await AskAsync(app, 3)));
    }

    [Fact]
    public async Task EachRequestHasItsOwnVariablesAndBodies()
    {
        const string Body = """
            (func (export "handle")
              (call $write (i32.const 1) (i32.const 1024) (i32.const {length}))
              (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
              (drop (call $environ_get (i32.const 4096) (i32.const 65536)))
              (call $write (i32.const 1) (i32.const 65536) (i32.load (i32.const 4))))
            """;
        await using RunningApp app = await StartAsync("reuse = 10", Programs.Reactor(Body, "Content-Type: text/plain\r\n\r\n"));

        string[] first = (await app.Client.GetStringAsync("/a?one", Stop)).Split('\0');
        string[] second = (await app.Client.GetStringAsync("/b?two", Stop)).Split('\0');

        Assert.Contains("QUERY_STRING=one", first);
        Assert.Contains("QUERY_STRING=two", second);
        Assert.DoesNotContain("QUERY_STRING=one", second);
    }

    [Fact]
    public async Task RequestsAtOnceHaveInstancesOfTheirOwn()
    {
        await using RunningApp app = await StartAsync("reuse = 100", Moody);
        using var body = new HeldBody();
        Task<HttpResponseMessage>[] held = [.. Enumerable.Range(0, 3).Select(_ => app.Client.PostAsync("/", body, Stop))];
        while (app.Server.Running < 3)
        {
            await Task.Delay(2, Stop);
        }

        Assert.Equal("1", await app.Client.GetStringAsync("/", Stop));
        body.End();
        foreach (Task<HttpResponseMessage> answer in held)
        {
            Assert.Contains(await (await answer).Content.ReadAsStringAsync(Stop), new[] { "1", "2" });
        }
    }

    [Fact]
    public async Task ReuseOfACommandIsRefused()
    {
        IOException refused = await Assert.ThrowsAsync<IOException>(() => StartAsync("reuse = 2", Programs.Print("Status: 204\n\n")));

        Assert.StartsWith("component c: instances.reuse needs a reactor", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WarmInstancesAnswerLikeFreshOnes()
    {
        await using RunningApp app = await StartAsync("warm = 2", Programs.CountingReactor);
        await using RunningApp command = await StartAsync("warm = 2", Programs.Echo);

        Assert.Equal("11 11 11 11 11", string.Join(' ', await AskAsync(app, 5)));
        for (int i = 0; i < 5; i++)
        {
            HttpResponseMessage answer = await command.Client.PostAsync("/", new StringContent($"body {i}"), Stop);
            Assert.Equal($"body {i}", await answer.Content.ReadAsStringAsync(Stop));
        }
    }

    [Fact]
    public async Task PoolIsFilledAgainBehindRequests()
    {
        using Module module = Module.Compile(RunningServer.Engine, Moody, "moody");
        var program = new FunctionProgram(module, new PermissionGate(Grant.None, "moody"), ["moody"]);
        using var pool = new InstancePool(
            program, new ComponentLimits(), new InstanceRules { Warm = 3 }, new RequestLog(TextWriter.Null), InvocationOrigin.None);

        for (int round = 0; round < 5; round++)
        {
            while (pool.Ready < 3)
            {
                await Task.Delay(2, Stop);
            }

            ProgramInstance instance = pool.Take(new(Wisp.Wasi.ByteSource.Empty, Wisp.Wasi.ByteSink.Null, Wisp.Wasi.ByteSink.Null), []);
            await instance.RunAsync(Stop);   // it needs no start any more
            pool.Give(instance, hasReturned: true);
        }
    }

    [Fact]
    public async Task InstanceThatCannotBeMadeReadyIsSaidAndRequestsSayWhy()
    {
        byte[] program = Programs.Reactor("""(func (export "_initialize") unreachable) (func (export "handle"))""", "x");
        await using RunningApp app = await StartAsync("warm = 2", program);

        Assert.Contains("no instance could be made ready: ", await app.LogAsync("component=c"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/", Stop)).StatusCode);
    }

    private static Task<RunningApp> StartAsync(string instances, byte[] program, string component = "") => RunningApp.StartAsync(
        RunningHost.One("", $"{component}\ninstances = {{ {instances} }}"), new() { ["c.wasm"] = program });

    private static async Task<string[]> AskAsync(RunningApp app, int count)
    {
        string[] answers = new string[count];
        for (int i = 0; i < count; i++)
        {
            answers[i] = await app.Client.GetStringAsync("/", Stop);
        }

        return answers;
    }
}
