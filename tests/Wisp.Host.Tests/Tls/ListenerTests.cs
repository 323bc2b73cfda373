using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Wisp.Host.Hosting;

namespace Wisp.Host.Tests.Tls;

public sealed class ListenerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task HostNamesRouteInsideTlsToo(string version)
    {
        using var files = new CertificateFiles();
        await using RunningHost host = await RunningHost.ListenAsync(new FunctionHostOptions { Tls = files.Files });
        host.Serve(host.Version("one", 1, Programs.Environment));
        host.Serve(host.Version("two", 1, Programs.Print("Content-Type: text/plain\n\ntwo"), RunningHost.One("hosts = [\"*.example.com\"]")));
        using HttpClient client = Client(host.Port, Version.Parse(version), new Seen());

        string[] variables = (await client.GetStringAsync($"https://one.localhost:{host.Port}/a?b", Stop)).Split('\0');

        Assert.StartsWith("https://127.0.0.1:", host.Host.Addresses.Single(), StringComparison.Ordinal);
        Assert.Contains("HTTPS=on", variables);
        Assert.Contains($"SERVER_PROTOCOL=HTTP/{(version == "2.0" ? "2" : version)}", variables);
        Assert.Contains("REQUEST_URI=/a?b", variables);
        Assert.Contains("QUERY_STRING=b", variables);
        Assert.Contains($"HTTP_HOST=one.localhost:{host.Port}", variables);
        Assert.Equal("two", await client.GetStringAsync($"https://shop.example.com:{host.Port}/", Stop));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"https://other.test:{host.Port}/", Stop)).StatusCode);
    }

    [Fact]
    public async Task BodiesGoBothWaysOverHttp2()
    {
        using var files = new CertificateFiles();
        await using RunningHost host = await RunningHost.ListenAsync(new FunctionHostOptions { Tls = files.Files });
        host.Serve(host.Version("app", 1, Programs.Echo));
        using HttpClient client = Client(host.Port, HttpVersion.Version20, new Seen());
        byte[] body = new byte[40_000];   // HttpClient sends all of it before it reads, so the answer must fit the stream's window
        new Random(7).NextBytes(body);

        byte[][] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            HttpResponseMessage answer = await client.PostAsync($"https://app.localhost:{host.Port}/", new ByteArrayContent(body), Stop);
            Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
            return await answer.Content.ReadAsByteArrayAsync(Stop);
        }));

        Assert.All(answers, answer => Assert.Equal(body, answer));
        host.Serve(host.Version("app", 2, Programs.ReadAll));
        HttpResponseMessage large = await client.PostAsync($"https://app.localhost:{host.Port}/", new ByteArrayContent(new byte[5_000_000]), Stop);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (large.StatusCode, large.Version));
    }

    [Fact]
    public async Task NewCertificateIsForNewConnectionsAndABadOneIsNot()
    {
        using var files = new CertificateFiles();
        await using RunningHost host = await RunningHost.ListenAsync(new FunctionHostOptions { Tls = files.Files });
        host.Serve(host.Version("app", 1, Programs.Print("Content-Type: text/plain\n\nfine")));
        var old = new Seen();
        using HttpClient oldClient = Client(host.Port, HttpVersion.Version11, old);
        string url = $"https://app.localhost:{host.Port}/";
        Assert.Equal("fine", await oldClient.GetStringAsync(url, Stop));
        Assert.Equal(files.Thumbprint, old.Thumbprint);

        files.Renew();
        var seen = new Seen();
        while (seen.Thumbprint != files.Thumbprint)
        {
            using HttpClient client = Client(host.Port, HttpVersion.Version11, seen);
            Assert.Equal("fine", await client.GetStringAsync(url, Stop));
        }

        files.Write("nothing", "at all");
        while (!host.Log.Contains("; the certificate before stays", StringComparison.Ordinal))
        {
            using HttpClient client = Client(host.Port, HttpVersion.Version11, seen);
            Assert.Equal("fine", await client.GetStringAsync(url, Stop));
        }

        Assert.Equal(files.Thumbprint, seen.Thumbprint);
        Assert.Equal("fine", await oldClient.GetStringAsync(url, Stop));
        Assert.Contains("took up the new certificate in ", host.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoSpeaksTheOtherLanguageIsClosedAndTheOthersGoOn()
    {
        using var files = new CertificateFiles();
        await using RunningHost host = await RunningHost.ListenAsync(new FunctionHostOptions { Tls = files.Files });
        host.Serve(host.Version("app", 1, Programs.Print("Content-Type: text/plain\n\nfine")));
        using HttpClient plain = Client(host.Port, HttpVersion.Version11, new Seen());
        using HttpClient tls = Client(host.Port, HttpVersion.Version11, new Seen());

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync($"http://app.localhost:{host.Port}/", Stop));

        Assert.Equal("fine", await tls.GetStringAsync($"https://app.localhost:{host.Port}/", Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectionThatSaysNothingDoesNotHoldUpTheEnd(bool hasTls)
    {
        using var files = new CertificateFiles();
        var options = new FunctionHostOptions { Tls = hasTls ? files.Files : null, ShutdownTimeout = TimeSpan.FromMinutes(30) };
        RunningHost host = await RunningHost.ListenAsync(options);
        using var silent = new TcpClient();
        using var slow = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, host.Port, Stop);
        await slow.ConnectAsync(IPAddress.Loopback, host.Port, Stop);
        await slow.GetStream().WriteAsync(hasTls ? new byte[] { 0x16, 0x03 } : [], Stop);

        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), Stop);
    }

    private static HttpClient Client(int port, Version version, Seen seen)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    seen.Thumbprint = ((X509Certificate2)certificate!).Thumbprint;
                    return seen.Thumbprint is not null;
                },
            },
        };
        return new HttpClient(handler) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    private sealed class Seen
    {
        public string? Thumbprint { get; set; }
    }
}
