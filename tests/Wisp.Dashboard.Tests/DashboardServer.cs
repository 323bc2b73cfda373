using System.Net;
using System.Text;
using Wisp.Host.Admin;
using Wisp.Host.Telemetry;
using Wisp.Host.Tests.Admin;
using Wisp.Permissions;

namespace Wisp.Dashboard.Tests;

/// <summary>The admin API over apps in memory and real telemetry, which the test tells what happened. It can go away and come back.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-dashboard").FullName;
    private readonly Dictionary<AdminScope, string> _tokens;
    private readonly HostTelemetry _telemetry;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _loads = [];
    private AdminServer? _admin;
    private int _port;
    private long _number;

    private DashboardServer(FakeDeployments deployments)
    {
        Deployments = deployments;
        _tokens = Enum.GetValues<AdminScope>().ToDictionary(scope => scope, scope => Tokens.Make(AdminScopes.NameOf(scope), scope));
        _telemetry = new HostTelemetry(Path.Combine(_folder, "logs"));
    }

    public FakeDeployments Deployments { get; }

    public MemoryTokens Tokens { get; } = new();

    public MemoryAudit Audit { get; } = new();

    /// <summary>Where the page is, with a slash at the end.</summary>
    public string Url => $"http://127.0.0.1:{_port}/";

    public static async Task<DashboardServer> StartAsync(FakeDeployments? deployments = null)
    {
        var server = new DashboardServer(deployments ?? new FakeDeployments().With("shop", versions: 3));
        await server.ComeBackAsync();
        return server;
    }

    public string TokenOf(AdminScope scope) => _tokens[scope];

    /// <summary>Cuts all connections and listens no more.</summary>
    public async Task GoAwayAsync()
    {
        if (_admin is not null)
        {
            await _admin.StopAsync(new CancellationToken(canceled: true));
            await _admin.DisposeAsync();
            _admin = null;
        }
    }

    /// <summary>Listens again where it did.</summary>
    public async Task ComeBackAsync()
    {
        _admin = new AdminServer(
            new AdminServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, _port) },
            new AdminServices(Deployments, Tokens, Audit) { Telemetry = _telemetry });
        await _admin.StartAsync(TestContext.Current.CancellationToken);
        _port = new Uri(_admin.Addresses.Single()).Port;
    }

    /// <summary>An invocation of the app shop has ended.</summary>
    public void Complete(InvocationEnd end)
    {
        var origin = new InvocationOrigin("shop", end.Version, "/cart/...", "cart");
        _telemetry.Sink.Completed(new InvocationRecord
        {
            Number = Interlocked.Increment(ref _number),
            Started = DateTimeOffset.UtcNow,
            Origin = origin,
            Method = "GET",
            Target = end.Target,
            Status = end.Status,
            Wall = TimeSpan.FromMilliseconds(end.WallMilliseconds),
            Figures = new RunFigures(
                TimeSpan.FromMicroseconds(50), TimeSpan.FromMilliseconds(1), 1 << 20, end.IsCold ? TimeSpan.FromMilliseconds(1) : null,
                end.Denied is null ? null : [end.Denied], end.Denied is null ? 0 : 1),
            Failure = end.Failure,
        });
    }

    /// <summary>The same again and again until the server ends, so that figures of the last seconds do not fade while a test looks.</summary>
    public void KeepCompleting(InvocationEnd end) => _loads.Add(Task.Run(async () =>
    {
        while (!_ending.IsCancellationRequested)
        {
            Complete(end);
            await Task.Delay(20);
        }
    }));

    /// <summary>A line of the log of the app shop.</summary>
    public void Log(string text, string stream = "stdout", long invocation = 1)
    {
        var origin = new InvocationOrigin("shop", 3, "/cart/...", "cart");
        _telemetry.Sink.GuestLine(new InvocationId(origin, invocation), stream, Encoding.UTF8.GetBytes(text));
        _telemetry.Sink.Flush();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_loads);
        await GoAwayAsync();
        _telemetry.Dispose();
        _ending.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>How an invocation came out.</summary>
internal sealed record InvocationEnd
{
    public int Version { get; init; } = 3;

    public string Target { get; init; } = "/cart/7";

    public int Status { get; init; } = 200;

    public double WallMilliseconds { get; init; } = 2;

    public bool IsCold { get; init; }

    public string? Failure { get; init; }

    public Denial? Denied { get; init; }
}
