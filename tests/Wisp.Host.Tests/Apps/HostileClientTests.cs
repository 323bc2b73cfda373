using System.Net.Sockets;
using System.Text;

namespace Wisp.Host.Tests.Apps;

/// <summary>Clients that take a connection and their time. The server must let go of each of them by itself.</summary>
public sealed class HostileClientTests
{
    private const string App = """
        [[trigger.http]]
        route = "/echo"
        component = "echo"
        [[trigger.http]]
        route = "/quick"
        response.body = "quick\n"
        [[trigger.http]]
        route = "/large"
        response.file = "large"
        [[trigger.http]]
        route = "/flood"
        component = "flood"
        [[trigger.http]]
        route = "/slow"
        component = "slow"
        [component.echo]
        source = "echo.wasm"
        limits.wall = "300ms"
        [component.flood]
        source = "flood.wasm"
        limits.wall = "1m"
        [component.slow]
        source = "slow.wasm"
        limits.wall = "10m"
        """;

    private static readonly ClientLimits Patient = new()
    {
        HeadTime = TimeSpan.FromMinutes(10),
        IdleTime = TimeSpan.FromMinutes(10),
    };

    // Each is short in one thing alone: a machine that is busy must not make a client late in another.
    private static readonly ClientLimits ShortHead = Patient with { HeadTime = TimeSpan.FromSeconds(1) };
    private static readonly ClientLimits ShortIdle = Patient with { IdleTime = TimeSpan.FromSeconds(1) };

    private static readonly ClientLimits ShortAnswer = Patient with
    {
        AnswerGrace = TimeSpan.FromSeconds(1.5),
        MinAnswerBytesPerSecond = 1_000_000,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET /quick HTTP/1.1\r\nHost: x\r\nX: ")]
    [InlineData("GET /qui")]
    public async Task HeadThatComesByTheByteIsGivenUp(string begin)
    {
        await using RunningApp app = await StartAsync(ShortHead);
        using Socket client = await app.ConnectAsync();
        await client.SendAsync(Encoding.ASCII.GetBytes(begin), Stop);
        Task<string> answer = ReadToEndAsync(client);

        while (!answer.IsCompleted && await TrySendAsync(client, "a"u8.ToArray()))
        {
            await Task.Delay(50, Stop);
        }

        // Bytes that were on their way when the connection was closed can take the answer away from the client.
        Assert.True((await answer).Length == 0 || (await answer).StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), await answer);
    }

    [Fact]
    public async Task HeadThatStopsIs408()
    {
        await using RunningApp app = await StartAsync(ShortHead);
        using Socket client = await app.ConnectAsync();

        await client.SendAsync("GET /quick HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Stop);

        Assert.StartsWith("HTTP/1.1 408 ", await ReadToEndAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionThatSendsNothingIsClosed()
    {
        await using RunningApp app = await StartAsync(ShortIdle);
        using Socket client = await app.ConnectAsync();

        Assert.Empty(await ReadToEndAsync(client));
    }

    [Fact]
    public async Task ConnectionIsClosedWhenNoOtherRequestComes()
    {
        await using RunningApp app = await StartAsync(ShortIdle);
        string answer = string.Empty;
        while (answer.Length == 0)
        {
            using Socket client = await app.ConnectAsync();   // on a busy machine it may be late for its first request already
            await TrySendAsync(client, "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            answer = await ReadToEndAsync(client);
        }

        Assert.EndsWith("quick\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowBodyMeetsTheWallLimitOfItsFunction()
    {
        await using RunningApp app = await StartAsync(Patient);
        using Socket client = await app.ConnectAsync();
        await client.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"u8.ToArray(), Stop);
        Task<string> answer = ReadToEndAsync(client);

        while (!answer.IsCompleted && await TrySendAsync(client, "a"u8.ToArray()))
        {
            await Task.Delay(20, Stop);
        }

        await answer;
        Assert.Contains("component=echo limit=wall", await app.LogAsync("limit="), StringComparison.Ordinal);
        Assert.Equal(0, app.Server.Running);
    }

    [Fact]
    public async Task BodyThatStopsMeetsTheWallLimitAndIsAnswered()
    {
        // Its head is written before its first read, so the program's answer has begun: it is cut.
        await using RunningApp app = await RunningApp.StartAsync(
            App.Replace("echo.wasm", "all.wasm", StringComparison.Ordinal), WithPrograms(), Folder(), clients: Patient);
        using Socket client = await app.ConnectAsync();

        await client.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc"u8.ToArray(), Stop);

        Assert.StartsWith("HTTP/1.1 504 ", await ReadToEndAsync(client), StringComparison.Ordinal);
        Assert.Contains("component=echo limit=wall", await app.LogAsync("limit="), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/large")]
    [InlineData("/flood")]
    public async Task ClientThatReadsNothingIsCutOff(string path)
    {
        await using RunningApp app = await StartAsync(ShortAnswer);
        using Socket client = await app.ConnectAsync();

        await client.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), Stop);

        // Long before the function's minute; and with nothing read.
        Assert.Contains($"GET \"{path}\" ", await app.LogAsync($"GET \"{path}\" "), StringComparison.Ordinal);
        Assert.DoesNotContain("limit=wall", app.Log, StringComparison.Ordinal);
        Assert.Equal(0, app.Server.Running);
    }

    [Theory]
    [InlineData(SocketShutdown.Send)]    // half open: it could still read
    [InlineData(SocketShutdown.Both)]
    public async Task ClientThatClosesStopsItsProgram(SocketShutdown how)
    {
        await using RunningApp app = await StartAsync(Patient);
        using Socket client = await app.ConnectAsync();
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Stop);
        while (app.Server.Running == 0)
        {
            await Task.Delay(5, Stop);
        }

        client.Shutdown(how);

        Assert.Contains("GET \"/slow\" 499 ", await app.LogAsync(" 499 "), StringComparison.Ordinal);
        Assert.Equal(0, app.Server.Running);
    }

    [Fact]
    public async Task RequestOfAClientThatClosesItsSideAtOnceStillRunsOrIsLogged()
    {
        await using RunningApp app = await StartAsync(Patient);
        using Socket client = await app.ConnectAsync();

        await client.SendAsync("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Stop);
        client.Shutdown(SocketShutdown.Send);
        await ReadToEndAsync(client);

        Assert.Contains("GET \"/quick\" ", await app.LogAsync("GET \"/quick\" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionsPastTheirNumberAreClosedAndTheOthersServed()
    {
        await using RunningApp app = await StartAsync(Patient with { MaxConnections = 3 });
        using Socket first = await app.ConnectAsync();
        using Socket second = await app.ConnectAsync();
        using Socket third = await app.ConnectAsync();
        foreach (Socket client in new[] { first, second, third })
        {
            Assert.EndsWith("quick\n", await AskAsync(client, "/quick"), StringComparison.Ordinal);   // and stays open
        }

        using Socket fourth = await app.ConnectAsync();
        Assert.Empty(await ReadToEndAsync(fourth));
        Assert.EndsWith("quick\n", await AskAsync(first, "/quick"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManySlowHeadsKeepNobodyWaiting()
    {
        const int Clients = 300;
        await using RunningApp app = await StartAsync(Patient);
        var slow = new List<Socket>();
        for (int i = 0; i < Clients; i++)
        {
            Socket client = await app.ConnectAsync();
            await client.SendAsync("GET /echo HTTP/1.1\r\nHost: x\r\nX: "u8.ToArray(), Stop);
            slow.Add(client);
        }

        using Socket quick = await app.ConnectAsync();
        string answer = await AskAsync(quick, "/quick");

        Assert.EndsWith("quick\n", answer, StringComparison.Ordinal);
        Assert.Equal(0, app.Server.Running);   // none of them has reached a function
        slow.ForEach(client => client.Dispose());
    }

    private static async Task<string> AskAsync(Socket client, string path)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), Stop);
        var answer = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!answer.ToString().EndsWith('\n') || !answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)
            || answer.ToString().EndsWith("\r\n", StringComparison.Ordinal))
        {
            int count = await client.ReceiveAsync(buffer, Stop);
            if (count == 0)
            {
                break;
            }

            answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return answer.ToString();
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        try
        {
            using var reader = new StreamReader(new NetworkStream(client, ownsSocket: false), Encoding.Latin1);
            return await reader.ReadToEndAsync(Stop);
        }
        catch (IOException)
        {
            return string.Empty;   // reset
        }
    }

    private static async Task<bool> TrySendAsync(Socket client, byte[] bytes)
    {
        try
        {
            await client.SendAsync(bytes, Stop);
            return true;
        }
        catch (SocketException)
        {
            return false;   // the server has let go
        }
    }

    private static Dictionary<string, byte[]> WithPrograms() => new()
    {
        ["echo.wasm"] = Programs.Echo,
        ["all.wasm"] = Programs.ReadAll,
        ["flood.wasm"] = Programs.Flood,
        ["slow.wasm"] = Programs.Slow(600_000),
    };

    // More than the buffers of both sockets hold.
    private static string Folder()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "hostile-client-tests");
        Directory.CreateDirectory(folder);
        using FileStream large = File.Open(Path.Combine(folder, "large"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        large.SetLength(32 << 20);
        return folder;
    }

    private static Task<RunningApp> StartAsync(ClientLimits clients) => RunningApp.StartAsync(App, WithPrograms(), Folder(), clients: clients);
}
