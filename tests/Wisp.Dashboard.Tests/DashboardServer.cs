using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Wisp.Host;
using Wisp.Host.Admin;
using Wisp.Host.Tests.Admin;

namespace Wisp.Dashboard.Tests;

/// <summary>The admin API over apps in memory. What telemetry would know is said by the test, and the connection can be cut.</summary>
/// <remarks>Requests about figures, records and logs are answered here, all others by the real server behind it.</remarks>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly AdminServer _admin;
    private readonly KestrelListener _front;
    private readonly HttpClient _behind = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly Dictionary<AdminScope, string> _tokens;
    private readonly ConcurrentDictionary<Channel<string>, byte> _followers = [];
    private readonly List<string> _lines = [];
    private long _sequence;

    private DashboardServer(FakeDeployments deployments)
    {
        Deployments = deployments;
        _tokens = Enum.GetValues<AdminScope>().ToDictionary(scope => scope, scope => Tokens.Make(AdminScopes.NameOf(scope), scope));
        _admin = new AdminServer(
            new AdminServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, new AdminServices(deployments, Tokens, Audit));
        _front = new KestrelListener(new IPEndPoint(IPAddress.Loopback, 0), ServeAsync);
    }

    public FakeDeployments Deployments { get; }

    public MemoryTokens Tokens { get; } = new();

    public MemoryAudit Audit { get; } = new();

    /// <summary>Where the page is, with a slash at the end.</summary>
    public string Url { get; private set; } = string.Empty;

    /// <summary>Figures of the last minute by app, as the API sends them.</summary>
    public ConcurrentDictionary<string, JsonObject> Live { get; } = [];

    /// <summary>The latest invocations, the newest first, as the API sends them.</summary>
    public ConcurrentQueue<JsonObject> Invocations { get; } = [];

    /// <summary>Queries of the requests for logs.</summary>
    public ConcurrentQueue<string> LogQueries { get; } = [];

    /// <summary>While it is true, connections end without an answer.</summary>
    public bool IsCut { get; set; }

    public static async Task<DashboardServer> StartAsync(FakeDeployments? deployments = null)
    {
        var server = new DashboardServer(deployments ?? new FakeDeployments().With("shop", versions: 3));
        await server._admin.StartAsync(TestContext.Current.CancellationToken);
        await server._front.StartAsync(TestContext.Current.CancellationToken);
        server._behind.BaseAddress = new Uri(server._admin.Addresses.Single());
        server.Url = server._front.Addresses.Single() + "/";
        return server;
    }

    public string TokenOf(AdminScope scope) => _tokens[scope];

    public void SetLive(string app, double requestsPerSecond, double p99Ms = 2, int errors = 0, int coldStarts = 0) => Live[app] = new JsonObject
    {
        ["app"] = app,
        ["requestsPerSecond"] = requestsPerSecond,
        ["p50Ms"] = p99Ms / 4,
        ["p90Ms"] = p99Ms / 2,
        ["p99Ms"] = p99Ms,
        ["errors"] = errors,
        ["coldStarts"] = coldStarts,
    };

    /// <summary>A line of the log, sent to whoever follows it.</summary>
    public void Log(string text, string stream = "stdout", long invocation = 1)
    {
        string line = new JsonObject
        {
            ["seq"] = ++_sequence,
            ["time"] = DateTimeOffset.UtcNow.ToString("O"),
            ["invocation"] = invocation,
            ["version"] = 3,
            ["stream"] = stream,
            ["text"] = text,
        }.ToJsonString();
        lock (_lines)
        {
            _lines.Add(line);
            foreach (Channel<string> follower in _followers.Keys)
            {
                follower.Writer.TryWrite(line);
            }
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (IsCut)
        {
            context.Abort();
            return;
        }

        string path = context.Request.Path.Value!;
        Task answer = path switch
        {
            "/api/v1/live" => SendAsync(context, new JsonObject
            {
                ["total"] = Live.Values.FirstOrDefault()?.DeepClone() ?? new JsonObject(),
                ["apps"] = new JsonArray([.. Live.Values.Select(app => app.DeepClone())]),
            }),
            _ when path.EndsWith("/invocations", StringComparison.Ordinal) => SendAsync(context, RecordsFor(context.Request.Query)),
            _ when path.EndsWith("/logs", StringComparison.Ordinal) => FollowAsync(context),
            _ => ForwardAsync(context),
        };
        await answer;
    }

    private JsonArray RecordsFor(IQueryCollection query) => new([.. Invocations
        .Where(record => !query.ContainsKey("failed") || record["failed"]?.GetValue<bool>() == true || record["denied"] is not null)
        .Select(record => record.DeepClone())]);

    private static Task SendAsync(HttpContext context, JsonNode json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json.ToJsonString());
    }

    private async Task FollowAsync(HttpContext context)
    {
        LogQueries.Enqueue(context.Request.QueryString.Value!);
        context.Response.ContentType = "application/x-ndjson";
        var channel = Channel.CreateUnbounded<string>();
        lock (_lines)
        {
            foreach (string line in _lines)
            {
                channel.Writer.TryWrite(line);
            }

            _followers.TryAdd(channel, 0);
        }

        string? invocation = context.Request.Query["invocation"];
        try
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await foreach (string line in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                if (invocation is null || JsonDocument.Parse(line).RootElement.GetProperty("invocation").GetRawText() == invocation)
                {
                    await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page left.
        }
        finally
        {
            _followers.TryRemove(channel, out _);
        }
    }

    private async Task ForwardAsync(HttpContext context)
    {
        HttpRequest from = context.Request;
        using var to = new HttpRequestMessage(new HttpMethod(from.Method), from.Path.Value + from.QueryString.Value);
        if (from.ContentLength > 0)
        {
            to.Content = new StreamContent(from.Body);
            to.Content.Headers.TryAddWithoutValidation("Content-Type", from.ContentType);
            to.Content.Headers.ContentLength = from.ContentLength;
        }

        foreach (string name in (string[])["Authorization", "If-None-Match"])
        {
            to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)from.Headers[name]);
        }

        using HttpResponseMessage answer = await _behind.SendAsync(to, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        context.Response.Headers.Remove("Transfer-Encoding");
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _front.StopAsync(now.Token);
        await _front.DisposeAsync();
        await _admin.StopAsync(TestContext.Current.CancellationToken);
        await _admin.DisposeAsync();
        _behind.Dispose();
    }
}
