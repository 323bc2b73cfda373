using Wisp.Host.Cron;
using Wisp.Host.Invocations;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Metrics;
using Wisp.Host.Tls;

namespace Wisp.Host.Apps;

/// <summary>Puts one app behind HTTP, whatever host name is asked for, and runs its cron triggers. Thread safe.</summary>
internal sealed class AppServer : IAsyncDisposable
{
    private readonly AppSlot _slot;
    private readonly FunctionServerOptions _options;
    private readonly RequestPath _path;
    private readonly CronTriggers _cron;
    private readonly KestrelListener _listener;
    private readonly bool _runsCron;
    private readonly Lock _swapping = new();

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="app">The app; the server gives it up at the end.</param>
    /// <param name="options">Where to listen, and how long to wait at the end.</param>
    /// <param name="log">Takes one line for each invocation.</param>
    /// <param name="transport">Where connections come from; null for sockets.</param>
    /// <param name="clock">Tells cron triggers the time; null for the machine's.</param>
    /// <param name="runsCron">Whether cron triggers run.</param>
    /// <param name="numbers">Numbers invocations; null starts at 1.</param>
    /// <exception cref="IOException">The certificate cannot be used.</exception>
    public AppServer(
        App app, FunctionServerOptions options, IInvocationSink log, IConnectionSource? transport = null, TimeProvider? clock = null,
        bool runsCron = true, InvocationNumbers? numbers = null)
    {
        _slot = new AppSlot(app);
        _options = options;
        _runsCron = runsCron;
        _path = new RequestPath(log, numbers);
        _cron = new CronTriggers(_path, clock ?? TimeProvider.System);
        _listener = new KestrelListener(
            options.Listen, context => _path.ServeAsync(context, _slot.Take()), transport, options.Clients, TlsCertificate.Of(options.Tls, log));
    }

    /// <summary>Where it listens, as URLs with the port that was taken. Empty before the start.</summary>
    public IReadOnlyCollection<string> Addresses => _listener.Addresses;

    /// <summary>Requests that run or wait for their turn.</summary>
    public int Running => _path.Running;

    /// <summary>What the components of the app do this moment.</summary>
    public IReadOnlyList<ComponentGauge> Gauges()
    {
        App app = _slot.Take();
        try
        {
            return [.. app.Gauges()];
        }
        finally
        {
            app.ReleaseUse();
        }
    }

    /// <summary>Starts to listen, and the cron triggers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _listener.StartAsync(cancellationToken).ConfigureAwait(false);
        lock (_swapping)
        {
            HearCurrent();
        }
    }

    /// <summary>Puts another app in the place of the one that answers; no request is lost or answered by half of each.</summary>
    public void Swap(App next)
    {
        lock (_swapping)
        {
            _cron.Switch(null);
            _slot.Swap(next);
            HearCurrent();
        }
    }

    /// <summary>Accepts no more requests and waits for what runs, at most the options' time; what then still runs is stopped.</summary>
    public async Task StopAsync()
    {
        lock (_swapping)
        {
            _cron.Switch(null);
        }

        // The programs are stopped a moment before the connections are cut, so that their clients still get an answer.
        _path.CutAfter(_options.ShutdownTimeout);
        using var connections = new CancellationTokenSource(_options.ShutdownTimeout + TimeSpan.FromSeconds(1));
        await _listener.StopAsync(connections.Token).ConfigureAwait(false);
        await _cron.EndedAsync().ConfigureAwait(false);
        _path.Log.Flush();
    }

    /// <summary>Releases the listener and the app. Stop first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _slot.Release();
        _path.Dispose();
    }

    private void HearCurrent()
    {
        if (_runsCron)
        {
            _cron.Switch(_slot.Take());
        }
    }
}
