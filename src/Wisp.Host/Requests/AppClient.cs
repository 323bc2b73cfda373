using System.Net;
using Wisp.Host.Apps;
using Wisp.Host.Invocations;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Requests;

/// <summary>A request to an app.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Path and query, sent as they stand.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body; empty for none.</param>
internal sealed record AppRequest(
    string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What an app answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Reason">Its reason phrase.</param>
/// <param name="Headers">Headers, several of one name each by itself.</param>
/// <param name="Body">The body.</param>
internal sealed record AppAnswer(int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body);

/// <summary>Asks an app without a server on the machine: the whole way of a request, but within this process.</summary>
internal sealed class AppClient : IAsyncDisposable
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 80);

    private readonly AppServer _server;
    private readonly HttpClient _http;

    private AppClient(AppServer server, MemoryConnections connections)
    {
        _server = server;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult(connections.Connect()),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        })
        {
            // The app's own limits end a request.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Makes an app ready to be asked.</summary>
    /// <param name="app">The app, whose cron triggers do not run; it is given up at the end.</param>
    /// <param name="log">Takes a line for each request.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="numbers">Numbers invocations; null starts at 1.</param>
    public static async Task<AppClient> StartAsync(
        App app, IInvocationSink log, CancellationToken cancellationToken, InvocationNumbers? numbers = null)
    {
        var connections = new MemoryConnections();
        var options = new FunctionServerOptions { Listen = Address, ShutdownTimeout = TimeSpan.Zero };
        var server = new AppServer(app, options, log, connections, clock: null, runsCron: false, numbers);
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        return new AppClient(server, connections);
    }

    /// <summary>Sends a request.</summary>
    /// <exception cref="HttpRequestException">The answer was cut off, or is none.</exception>
    public async Task<AppAnswer> SendAsync(AppRequest request, CancellationToken cancellationToken)
    {
        // The path must reach the app as it was written, dot segments and all.
        var address = new Uri($"http://{Address.Address}{request.Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), address);
        message.Content = request.Body.IsEmpty ? null : new ReadOnlyMemoryContent(request.Body);
        foreach (KeyValuePair<string, string> header in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(header.Key, header.Value))
            {
                message.Content ??= new ByteArrayContent([]);
                message.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        using HttpResponseMessage response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        IEnumerable<KeyValuePair<string, string>> headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)));
        return new AppAnswer((int)response.StatusCode, response.ReasonPhrase ?? string.Empty, [.. headers], body);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.StopAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
    }
}
