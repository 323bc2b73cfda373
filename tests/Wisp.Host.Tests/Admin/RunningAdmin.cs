using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Wisp.Host.Admin;
using Wisp.Host.Telemetry;
using Wisp.Host.Tests.Tls;

namespace Wisp.Host.Tests.Admin;

/// <summary>The API on a port of its own, with a token of each scope.</summary>
internal sealed class RunningAdmin : IAsyncDisposable
{
    private readonly AdminServer _server;
    private readonly Dictionary<AdminScope, string> _texts;

    private RunningAdmin(AdminServerOptions? options, FakeDeployments deployments, HostTelemetry? telemetry)
    {
        Deployments = deployments;
        _texts = Enum.GetValues<AdminScope>().ToDictionary(scope => scope, scope => Tokens.Make(AdminScopes.NameOf(scope), scope));
        _server = new AdminServer(
            (options ?? new AdminServerOptions()) with { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            new AdminServices(Deployments, Tokens, Audit)
            {
                Addresses = () => ["http://127.0.0.1:8080"],
                Clock = Clock,
                Failed = Failures.Add,
                Telemetry = telemetry,
            });
    }

    public FakeDeployments Deployments { get; }

    public MemoryTokens Tokens { get; } = new();

    public MemoryAudit Audit { get; } = new();

    public ManualClock Clock { get; } = new(DateTimeOffset.UnixEpoch);

    public List<string> Failures { get; } = [];

    public HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == CertificateFiles.Subject },
    })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    public static async Task<RunningAdmin> StartAsync(FakeDeployments? deployments = null, AdminServerOptions? options = null,
        HostTelemetry? telemetry = null)
    {
        var admin = new RunningAdmin(options, deployments ?? new FakeDeployments().With("shop"), telemetry);
        await admin._server.StartAsync(TestContext.Current.CancellationToken);
        admin.Client.BaseAddress = new Uri(admin._server.Addresses.Single());
        return admin;
    }

    public string TokenOf(AdminScope scope) => _texts[scope];

    /// <summary>Sends a request.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="json">The body, or null.</param>
    /// <param name="scope">Whose token; null for the one of scope admin.</param>
    public Task<AdminAnswer> AskAsync(string method, string path, string? json = null, AdminScope scope = AdminScope.Admin) =>
        SendAsync(method, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), _texts[scope]);

    public async Task<AdminAnswer> SendAsync(
        string method, string path, HttpContent? content, string? token, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        headers?.Invoke(request.Headers);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new AdminAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers);
    }

    /// <summary>Sends bytes as they are and reads what comes back until the server closes the connection.</summary>
    public async Task<string> SendRawAsync(string request, bool endsThere = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        if (endsThere)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return string.Empty;   // reset: the server did not even read to the end
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync(TestContext.Current.CancellationToken);
        await _server.DisposeAsync();
    }
}

/// <summary>What the API answered.</summary>
internal sealed record AdminAnswer(int Status, string Body, HttpResponseHeaders Headers)
{
    /// <summary>The code of an error.</summary>
    public string Code => System.Text.Json.JsonDocument.Parse(Body).RootElement.GetProperty("error").GetProperty("code").GetString()!;
}
