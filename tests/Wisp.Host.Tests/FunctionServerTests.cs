using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wisp.Host.Tests;

public sealed class FunctionServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswersWithTheProgramsOutput()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            Programs.Print("Status: 201 Created\r\nContent-Type: text/x-test\r\nX-A: b\r\nX-A: c\r\n\r\nbody"));

        HttpResponseMessage response = await server.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("text/x-test", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["b", "c"], response.Headers.GetValues("X-A"));
        Assert.Equal("body", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task GivesTheRequestAsVariables()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Environment, grant: grant =>
        {
            grant.AddEnvironment("GREETING", "hi");
            grant.AddEnvironment("HTTP_X_MODE", "operator");
        });
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/a%20b/c?d=e%20f");
        request.Headers.Add("X-Mode", "client");
        request.Headers.Add("X-Other", "x");
        request.Headers.Add("Proxy", "http://attacker.example");

        string[] variables = (await (await server.Client.SendAsync(request, Stop)).Content.ReadAsStringAsync(Stop)).Split('\0');

        Assert.Contains("REQUEST_METHOD=DELETE", variables);
        Assert.Contains("PATH_INFO=/a b/c", variables);
        Assert.Contains("QUERY_STRING=d=e%20f", variables);
        Assert.Contains("HTTP_X_OTHER=x", variables);
        Assert.Contains("GREETING=hi", variables);
        Assert.Equal("HTTP_X_MODE=operator", variables.First(variable => variable.StartsWith("HTTP_X_MODE=", StringComparison.Ordinal)));
        Assert.DoesNotContain(variables, variable => variable.StartsWith("HTTP_PROXY=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StreamsTheBodyThroughStandardInput(bool isChunked)
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Echo);
        byte[] body = new byte[1_000_000];
        new Random(1).NextBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = isChunked;

        HttpResponseMessage response = await server.Client.SendAsync(request, Stop);

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task StreamsTheAnswerBeforeTheProgramEnds()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            Programs.TwoPieces(milliseconds: 600_000), options => options.WallTime = null);

        using HttpResponseMessage response = await server.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        Stream body = await response.Content.ReadAsStreamAsync(Stop);
        byte[] piece = new byte[4];
        await body.ReadExactlyAsync(piece, Stop);

        Assert.Equal("tick", Encoding.ASCII.GetString(piece));
        Assert.Equal(1, server.Server.Running);   // and waits ten minutes before its second piece
    }

    [Fact]
    public async Task SendsWhatComesAfterAPause()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.TwoPieces(milliseconds: 20));

        Assert.Equal(8, (await server.Client.GetByteArrayAsync("/", Stop)).Length);
    }

    [Fact]
    public async Task TrapIs500WithTheBacktraceInTheLogAlone()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Trap);

        HttpResponseMessage response = await server.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("main", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        string log = await server.LogAsync(" 500 ");
        Assert.Contains("trap: unreachable", log, StringComparison.Ordinal);
        Assert.Contains("main", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrapAfterTheAnswerBeganCutsTheConnection()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.AnswerThenTrap);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Client.GetAsync("/", Stop));
    }

    [Fact]
    public async Task ExitCodeIs500AndStandardErrorIsLogged()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Exit(3, "what went wrong\n\u001b[31mred"));

        HttpResponseMessage response = await server.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        string log = await server.LogAsync(" 500 ");
        Assert.Contains("stderr: what went wrong", log, StringComparison.Ordinal);
        Assert.Contains("exit code 3", log, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', log);
    }

    [Theory]
    [InlineData("Hello, world\n")]
    [InlineData("Content-Type: text/plain\r\n")]
    [InlineData("")]
    public async Task OutputThatIsNoAnswerIs502(string output)
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Print(output.Length == 0 ? "\n" : output));

        Assert.Equal(HttpStatusCode.BadGateway, (await server.Client.GetAsync("/", Stop)).StatusCode);
    }

    [Fact]
    public async Task WallTimePastIs504WhetherTheProgramRunsOrWaits()
    {
        foreach (byte[] program in new[] { Programs.Spin, Programs.Slow(600_000) })
        {
            await using RunningServer server = await RunningServer.StartAsync(
                program, options => options.WallTime = TimeSpan.FromMilliseconds(100));

            Assert.Equal(HttpStatusCode.GatewayTimeout, (await server.Client.GetAsync("/", Stop)).StatusCode);
        }
    }

    [Fact]
    public async Task ProcessorTimePastIs504()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            Programs.Spin, options => options.Limits = new StoreLimits { CpuTime = TimeSpan.FromMilliseconds(50) });

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await server.Client.GetAsync("/", Stop)).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LargeBodyIs413(bool isChunked)
    {
        // Without a length it shows only when the program reads, and this one does before it answers.
        await using RunningServer server = await RunningServer.StartAsync(
            Programs.ReadAll, options => options.MaxRequestBodyBytes = 1000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[2000]) };
        request.Headers.TransferEncodingChunked = isChunked;

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task TooManyRequestsAtOnceAre503WithRetryAfter()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Echo, options => options.MaxConcurrent = 2);
        using var body = new HeldBody();
        Task<HttpResponseMessage>[] running = [server.Client.PostAsync("/", body, Stop), server.Client.PostAsync("/", body, Stop)];
        while (server.Server.Running < 2)
        {
            await Task.Delay(5, Stop);
        }

        HttpResponseMessage refused = await server.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        body.End();
        Assert.All(await Task.WhenAll(running), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task ManyWaitingRequestsNeedFewThreads()
    {
        const int Requests = 500;
        await using RunningServer server = await RunningServer.StartAsync(Programs.Slow(2000));

        Task<HttpResponseMessage>[] running = [.. Enumerable.Range(0, Requests).Select(_ => server.Client.GetAsync("/", Stop))];
        int mostThreads = 0;
        while (!running.All(request => request.IsCompleted))
        {
            mostThreads = Math.Max(mostThreads, server.Server.Running < Requests / 2 ? 0 : ThreadPool.ThreadCount);
            await Task.Delay(20, Stop);
        }

        Assert.All(running, request => Assert.Equal(HttpStatusCode.OK, request.Result.StatusCode));
        Assert.InRange(mostThreads, 0, 50);
    }

    [Fact]
    public async Task RequestsThatComputeDoNotKeepQuickOnesWaiting()
    {
        await using RunningServer busy = await RunningServer.StartAsync(Programs.Spin, options =>
        {
            options.WallTime = null;
            options.ShutdownTimeout = TimeSpan.Zero;
        });
        await using RunningServer quick = await RunningServer.StartAsync(Programs.Print("Status: 204\n\n"));
        int computing = Environment.ProcessorCount * 8;   // of one process, which both servers share
        Task<HttpResponseMessage>[] running = [.. Enumerable.Range(0, computing).Select(_ => busy.Client.GetAsync("/", Stop))];
        while (busy.Server.Running < computing)
        {
            await Task.Delay(5, Stop);
        }

        HttpResponseMessage answer = await quick.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.DoesNotContain(running, request => request.IsCompleted);
        await busy.Server.StopAsync();

        // Their connections are cut a second after the stop, which on a busy machine may be before their answers are out.
        await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task ClientThatGoesAwayStopsItsProgram()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Slow(60_000), options => options.WallTime = null);
        using var gone = new CancellationTokenSource();
        Task<HttpResponseMessage> request = server.Client.GetAsync("/", gone.Token);
        while (server.Server.Running == 0)
        {
            await Task.Delay(5, Stop);
        }

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.Contains(" 499 ", await server.LogAsync(" 499 "), StringComparison.Ordinal);
        Assert.Equal(0, server.Server.Running);
    }

    [Fact]
    public async Task FloodIsHeldBackByTheClient()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            Programs.Flood, options => options.WallTime = TimeSpan.FromSeconds(1));
        long before = GC.GetTotalMemory(forceFullCollection: true);

        using HttpResponseMessage response = await server.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        await Task.Delay(500, Stop);

        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 50_000_000);
        await server.LogAsync("wall time");
    }

    [Fact]
    public async Task StopWaitsForRunningRequests()
    {
        RunningServer server = await RunningServer.StartAsync(Programs.Slow(500));
        Task<HttpResponseMessage> request = server.Client.GetAsync("/", Stop);
        while (server.Server.Running == 0)
        {
            await Task.Delay(5, Stop);
        }

        await server.Server.StopAsync();

        Assert.Equal(HttpStatusCode.OK, (await request).StatusCode);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task LogHasOneLineForEachRequest()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Print("Status: 204\n\n"));

        await server.Client.GetAsync("/a?b", Stop);

        string log = await server.LogAsync("memory=");
        Assert.Matches(
            """^\S+Z #1 GET "/a\?b" 204 \d+\.\dms cpu=\S+ instantiate=\d+\.\d\dms memory=0\.3MiB\n$""", log);
    }

    [Fact]
    public async Task RequestLineCannotForgeALogLine()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Print("Status: 204\n\n"));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port, Stop);

        await client.GetStream().WriteAsync("GET /\u0001\" 200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), Stop);
        using var reader = new StreamReader(client.GetStream());
        await reader.ReadToEndAsync(Stop);
        await server.Server.StopAsync();

        Assert.True(server.Log.AsSpan().Count('\n') <= 1);
        Assert.DoesNotContain('\u0001', server.Log);
    }
}
