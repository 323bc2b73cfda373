namespace Wisp.Host.Tests.Apps;

/// <summary>Requests that try to be understood in two ways, or to cost more than they should.</summary>
public sealed class HostileRequestTests
{
    private const string App = """
        [[trigger.http]]
        route = "/public/..."
        component = "env"
        [[trigger.http]]
        route = "/admin"
        response.body = "admin\n"
        [[trigger.http]]
        route = "/files/:name"
        component = "env"
        [[trigger.http]]
        route = "/echo"
        component = "echo"
        [component.echo]
        source = "echo.wasm"
        [component.env]
        source = "env.wasm"
        """;

    // Each is one request as far as one side could read it, and another or two as the other side could. https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    [Theory]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nContent-Length: +30\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nCONTENT-length: +30\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nContent-Length: 3 0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nContent-Length: 1e1\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nContent-Length : 30\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\nHost: x\n\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\n: no name\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x y\r\n\r\n", "400")]
    [InlineData("GET  /public HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1 \r\nHost: x\r\n\r\n", "")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("POST /public HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET /public HTTP/3.7\r\nHost: x\r\n\r\n", "505")]
    [InlineData("GET /public/%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [InlineData("GET /public/\0 HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [InlineData("GET public HTTP/1.1\r\nHost: x\r\n\r\n", "405")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "")]
    public async Task AmbiguousRequestIsRefusedAndItsConnectionClosed(string request, string status)
    {
        await using RunningApp app = await StartAsync();

        // What comes behind would be the smuggled request.
        string answer = await app.SendRawAsync(request + "GET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith(status.Length == 0 ? "" : $"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("admin\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH_INFO", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONNECT /public")]
    [InlineData("CONNECT example.com:443")]
    public async Task ConnectReachesNobody(string line)
    {
        await using RunningApp app = await StartAsync();

        string answer = await app.SendRawAsync($"{line} HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 501 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChunkedWinsOverALengthAndTheConnectionEndsThere()
    {
        await using RunningApp app = await StartAsync();

        string answer = await app.SendRawAsync(
            "POST /public HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        // RFC 9112 6.3: it ought to be handled as an error, or the length removed and the connection closed afterwards.
        Assert.DoesNotContain("\0CONTENT_LENGTH=", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("admin\n", answer, StringComparison.Ordinal);
    }

    // Chunk sizes are hexadecimal digits alone (RFC 9112 7.1); what lies behind a chunk is nothing but its end.
    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+1\r\na\r\n0\r\n\r\n")]
    [InlineData("0x1\r\na\r\n0\r\n\r\n")]
    [InlineData(" 1\r\na\r\n0\r\n\r\n")]
    [InlineData("1\na\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffff1\r\na\r\n0\r\n\r\n")]
    [InlineData("80000000\r\na\r\n0\r\n\r\n")]
    [InlineData("1\r\nab\r\n0\r\n\r\n")]
    [InlineData("1\r\na0\r\n\r\n")]
    public async Task BadChunkIsNotReadOver(string chunks)
    {
        await using RunningApp app = await StartAsync();

        string answer = await app.SendRawAsync(
            $"POST /admin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}GET /files/smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.DoesNotContain("smuggled", answer, StringComparison.Ordinal);
    }

    // Extensions are allowed and mean nothing here (RFC 9112 7.1.1); what matters is that everybody finds the same end.
    [Theory]
    [InlineData("5;a=b\r\nhello\r\n0;c\r\n\r\n")]
    [InlineData("5;a=\"x\"\r\nhello\r\n0\r\n\r\n")]
    [InlineData("00005\r\nhello\r\n0\r\nTrailer: x\r\n\r\n")]
    public async Task ChunkedBodyEndsWhereItSays(string chunks)
    {
        await using RunningApp app = await StartAsync();

        string answer = await app.SendRawAsync(
            $"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}GET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Contains("\r\nhello\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("admin\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5;\nGET /admin\r\nhello\r\n0\r\n\r\n")]
    public async Task LineFeedInAChunkExtensionEndsNothing(string chunks)
    {
        await using RunningApp app = await StartAsync();

        // A bare line feed in an extension is a line's end to some and none to others: what comes behind must not be read by either.
        string answer = await app.SendRawAsync(
            $"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}GET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.DoesNotContain("admin\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /echo HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ")]                                   // no Host is needed
    [InlineData("GET http://x/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET http://x/public/../admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET http://other/echo HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 ")]            // which of the two?
    [InlineData("GET ftp://x/echo HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 ")]
    public async Task OtherFormsOfARequestLineAreWhatTheRfcSays(string request, string status)
    {
        await using RunningApp app = await StartAsync();

        Assert.StartsWith(status, await app.SendRawAsync(request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldProtocolGetsNoChunks()
    {
        await using RunningApp app = await StartAsync();

        // Without a length the end of the connection is the end of the body, all that HTTP/1.0 knows.
        string answer = await app.SendRawAsync("POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task HugeHeadersAreRefused()
    {
        await using RunningApp app = await StartAsync();

        string large = await app.SendRawAsync($"GET /admin HTTP/1.1\r\nHost: x\r\nX: {new string('a', 64 * 1024)}\r\n\r\n");
        string many = await app.SendRawAsync(
            $"GET /admin HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: a\r\n"))}\r\n");
        string line = await app.SendRawAsync($"GET /{new string('a', 16 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n");

        // The server may close before it has read all, and then the answer may be lost on its way.
        Assert.True(large.Length == 0 || large.StartsWith("HTTP/1.1 431 ", StringComparison.Ordinal), large);
        Assert.StartsWith("HTTP/1.1 431 ", many, StringComparison.Ordinal);
        Assert.True(line.Length == 0 || line.StartsWith("HTTP/1.1 414 ", StringComparison.Ordinal), line);
    }

    [Theory]
    [InlineData("/public/../admin")]
    [InlineData("/public/%2e%2e/admin")]
    [InlineData("/public/./../admin")]
    [InlineData("/%61dmin")]
    public async Task PathIsResolvedBeforeItIsRouted(string path)
    {
        await using RunningApp app = await StartAsync();

        string answer = await app.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        // The same as a client can ask for openly: what guards /admin must guard this route, whichever spelling comes.
        Assert.EndsWith("admin\n", answer, StringComparison.Ordinal);
        Assert.Contains("route=/admin", await app.LogAsync("route="), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/public/..%2fadmin", "PATH_INFO=/..%2fadmin", "route=/public/...")]
    [InlineData("/public/..%2Fadmin", "PATH_INFO=/..%2Fadmin", "route=/public/...")]
    [InlineData("/public%2f..%2fadmin", "404", "404")]
    [InlineData("/files/a%2fb", "PATH_PARAM_NAME=a%2fb", "route=/files/:name")]
    [InlineData("/files/..%2f..%2fetc", "PATH_PARAM_NAME=..%2f..%2fetc", "route=/files/:name")]
    [InlineData("/files/..\\admin", "PATH_PARAM_NAME=..\\admin", "route=/files/:name")]
    [InlineData("/public/../../../../etc", "404", "404")]
    [InlineData("/admin;x=y", "404", "404")]
    [InlineData("//admin", "404", "404")]
    [InlineData("/public/%252e%252e/admin", "PATH_INFO=/%2e%2e/admin", "route=/public/...")]
    [InlineData("/public/..%252fadmin", "PATH_INFO=/..%2fadmin", "route=/public/...")]
    [InlineData("/public/..%5cadmin", "PATH_INFO=/..\\admin", "route=/public/...")]
    [InlineData("/public/%c0%ae%c0%ae/admin", "PATH_INFO=/%c0%ae%c0%ae/admin", "route=/public/...")]
    [InlineData("/public/.../admin", "PATH_INFO=/.../admin", "route=/public/...")]
    public async Task EncodedSlashSeparatesNothing(string path, string expected, string logged)
    {
        await using RunningApp app = await StartAsync();

        string answer = await app.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.Contains(logged, await app.LogAsync(logged), StringComparison.Ordinal);
    }

    private static Task<RunningApp> StartAsync() =>
        RunningApp.StartAsync(App, new() { ["env.wasm"] = Programs.Environment, ["echo.wasm"] = Programs.Echo });
}
