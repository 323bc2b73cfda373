using Wisp.Host.Admin;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;
using Wisp.Host.State;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Server;

// What is made from what, and given up in the other order:
//
//   engine -> state (data folder, held) -> telemetry -> host (runs versions) -> registry (knows them) -> API
//
// A start brings the apps back before it listens, so that no request finds half of them. A stop ends the API first: nothing changes any
// more while the last requests run.

/// <summary>Many apps, what is kept of them, and the API: all of <c>wisp server</c> but the process.</summary>
internal sealed class AppsServer : IAsyncDisposable
{
    // Requests to the API are short; what follows a log is told to end.
    private static readonly TimeSpan AdminPatience = TimeSpan.FromSeconds(10);

    private readonly Engine _engine;
    private readonly ServerState _state;
    private readonly HostTelemetry _telemetry;
    private readonly FunctionHost _host;
    private readonly DeploymentRegistry _registry;
    private readonly AdminServer _admin;

    private AppsServer(AppsServerOptions options, Engine engine, ServerState state, TextWriter log, Action<string> report)
    {
        _engine = engine;
        _state = state;
        _telemetry = new HostTelemetry(state.Folder.Logs, failed: report, others: new RequestLog(log));
        _host = new FunctionHost(new VersionLoader(new VersionModules(engine, _telemetry.Sink), _telemetry.Sink), options.Host, _telemetry.Sink,
            numbers: _telemetry.Numbers);
        _telemetry.Observe(_host.Gauges);
        _registry = new DeploymentRegistry(state, _host, options.Deployments, report);
        _admin = new AdminServer(
            options.Admin,
            new AdminServices(_registry, state.Tokens, state.Audit)
            {
                Telemetry = _telemetry,
                Domain = options.Host.Domain,
                Addresses = () => _host.Addresses,
                Failed = report,
            });
        FirstToken = Admin.FirstToken.Ensure(state.Tokens, TokenFile, TimeProvider.System);
    }

    /// <summary>Where apps answer, as URLs with the port that was taken.</summary>
    public IReadOnlyCollection<string> Addresses => _host.Addresses;

    /// <summary>Where the API answers.</summary>
    public IReadOnlyCollection<string> AdminAddresses => _admin.Addresses;

    /// <summary>Apps that the start brought back.</summary>
    public int Served { get; private set; }

    /// <summary>The token that this start made, or null when there was one.</summary>
    public string? FirstToken { get; }

    /// <summary>The file with the first token.</summary>
    public string TokenFile => _state.Folder.AdminToken;

    /// <summary>Opens the data folder; nothing listens yet.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="log">Takes a line for each invocation.</param>
    /// <param name="report">Takes a line about what is wrong with the server itself.</param>
    /// <exception cref="StateException">The folder is held by another server, or is none of ours.</exception>
    public static AppsServer Open(AppsServerOptions options, TextWriter log, Action<string> report)
    {
        var engine = new Engine(options.Engine);
        ServerState? state = null;
        try
        {
            state = ServerState.Open(options.DataFolder, engine, options.KeyPath);
            return new AppsServer(options, engine, state, log, report);
        }
        catch
        {
            state?.Dispose();
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Brings the apps back and starts to listen.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Served = _registry.Start();
        await _host.StartAsync(cancellationToken).ConfigureAwait(false);
        await _admin.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Accepts nothing new and waits for what runs.</summary>
    public async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(AdminPatience);
        await _admin.StopAsync(patience.Token).ConfigureAwait(false);
        await _host.StopAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync().ConfigureAwait(false);
        _registry.Dispose();
        await _host.DisposeAsync().ConfigureAwait(false);
        _telemetry.Dispose();
        _state.Dispose();
        _engine.Dispose();
    }
}
