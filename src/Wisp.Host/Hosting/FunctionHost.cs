using Microsoft.AspNetCore.Http;
using Wisp.Host.Apps;
using Wisp.Host.Cron;
using Wisp.Host.Deployments;
using Wisp.Host.Invocations;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Metrics;
using Wisp.Host.Tls;
using Wisp.Permissions;

namespace Wisp.Host.Hosting;

// What a request meets before the way through its app (RequestPath):
//
//   no host, or none that is one      400     (mostly from Kestrel itself)
//   no app has the host's name        404

/// <summary>Many apps behind one listener, each at its host names, each with its versions. Thread safe.</summary>
internal sealed class FunctionHost : IVersionHost, IAsyncDisposable
{
    private readonly FunctionHostOptions _options;
    private readonly TimeProvider _clock;
    private readonly InvocationNumbers _numbers;
    private readonly RequestPath _path;
    private readonly IdleSweep _sweep;
    private readonly KestrelListener _listener;
    private readonly VersionProbe _probe;
    private readonly VersionLoader _loader;
    private readonly HostTable<HostedApp> _hosts = new();
    private readonly Lock _changing = new();          // guards what follows, and changes of the table
    private readonly Dictionary<string, HostedApp> _apps = [];
    private readonly List<HostedApp> _removed = [];   // whose last runs may go on
    private bool _isStopping;

    /// <summary>Makes a host; it does not listen yet, and has no apps.</summary>
    /// <param name="loader">Loads versions.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Takes one line for each invocation.</param>
    /// <param name="transport">Where connections come from; null for sockets.</param>
    /// <param name="clock">Tells cron triggers the time, and how long code is idle; null for the machine's.</param>
    /// <param name="numbers">Numbers invocations; null starts at 1.</param>
    /// <exception cref="IOException">The certificate cannot be used.</exception>
    public FunctionHost(
        VersionLoader loader, FunctionHostOptions options, IInvocationSink log, IConnectionSource? transport = null, TimeProvider? clock = null,
        InvocationNumbers? numbers = null)
    {
        _loader = loader;
        _numbers = numbers ?? new InvocationNumbers();
        _options = options;
        _clock = clock ?? TimeProvider.System;
        _path = new RequestPath(log, _numbers);
        _sweep = new IdleSweep(_clock);
        _probe = new VersionProbe(loader, log, _numbers, options.ProbeTimeout);
        _listener = new KestrelListener(options.Listen, ServeAsync, transport, options.Clients, TlsCertificate.Of(options.Tls, log));
    }

    /// <summary>Where it listens, as URLs with the port that was taken. Empty before the start.</summary>
    public IReadOnlyCollection<string> Addresses => _listener.Addresses;

    /// <summary>Requests that run or wait for their turn.</summary>
    public int Running => _path.Running;

    /// <summary>What the components of all versions that get requests do this moment.</summary>
    public IReadOnlyList<ComponentGauge> Gauges()
    {
        lock (_changing)
        {
            return [.. _apps.Values.SelectMany(app => app.Gauges())];
        }
    }

    /// <summary>Components whose code is loaded now.</summary>
    public int Loaded => _sweep.Loaded;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">The address is taken or not of this machine.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _listener.StartAsync(cancellationToken);

    public Task ProbeAsync(DeployedVersion version, CancellationToken cancellationToken)
    {
        lock (_changing)
        {
            CheckHosts(version.App, HostsOf(version));
        }

        return _probe.RunAsync(version, cancellationToken);
    }

    public void SetTraffic(string app, IReadOnlyList<(DeployedVersion Version, int Weight)> shares)
    {
        (DeployedVersion Version, int Weight)[] some = [.. shares.Where(share => share.Weight > 0)];
        if (some.Length == 0)
        {
            throw new ArgumentException("no version gets traffic", nameof(shares));
        }

        lock (_changing)
        {
            if (_isStopping)
            {
                throw new DeployException("stopping", "the server is stopping");
            }

            string[] hosts = [.. some.SelectMany(share => HostsOf(share.Version)).Distinct()];
            CheckHosts(app, hosts);
            HostedApp hosted = _apps.GetValueOrDefault(app) ?? new HostedApp(new CronTriggers(_path, _clock));
            HostedShare[] loaded = LoadAll(hosted, some);
            _apps[app] = hosted;
            hosted.SetShares(loaded);
            SetHosts(hosted, hosts);
        }
    }

    public void Remove(string app)
    {
        lock (_changing)
        {
            if (_apps.Remove(app, out HostedApp? hosted))
            {
                SetHosts(hosted, []);
                hosted.SetShares([]);
                _removed.RemoveAll(other => other.EndedAsync().IsCompleted);
                _removed.Add(hosted);
            }
        }
    }

    /// <summary>Accepts no more requests and waits for what runs, at most the options' time; what then still runs is stopped.</summary>
    public async Task StopAsync()
    {
        HostedApp[] apps;
        lock (_changing)
        {
            _isStopping = true;
            apps = [.. _apps.Values, .. _removed];
        }

        foreach (HostedApp app in apps)
        {
            app.StopCron();
        }

        // The programs are stopped a moment before the connections are cut, so that their clients still get an answer.
        _path.CutAfter(_options.ShutdownTimeout);
        using var connections = new CancellationTokenSource(_options.ShutdownTimeout + TimeSpan.FromSeconds(1));
        await _listener.StopAsync(connections.Token).ConfigureAwait(false);
        await Task.WhenAll(apps.Select(app => app.EndedAsync())).ConfigureAwait(false);
        _path.Log.Flush();
    }

    /// <summary>Releases the listener and the apps. Stop first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        foreach (string app in _apps.Keys.ToArray())
        {
            Remove(app);
        }

        _sweep.Dispose();
        _path.Dispose();
    }

    private Task ServeAsync(HttpContext context)
    {
        string? host = context.Request.Headers.Host;
        if (string.IsNullOrEmpty(host))
        {
            return _path.RefuseAsync(context, StatusCodes.Status400BadRequest, "the request names no host");
        }

        return _hosts.Find(HostName.WithoutPort(host))?.Take() is App app
            ? _path.ServeAsync(context, app)
            : _path.RefuseAsync(context, StatusCodes.Status404NotFound, $"no app answers for the host {GuestText.Escape(host)}");
    }

    private IReadOnlyList<string> HostsOf(DeployedVersion version) =>
        version.Manifest.Hosts.Count > 0 ? version.Manifest.Hosts : [$"{version.App}.{_options.Domain}"];

    private void CheckHosts(string app, IEnumerable<string> hosts)
    {
        HostedApp? own = _apps.GetValueOrDefault(app);
        foreach (string host in hosts)
        {
            if (_hosts.OwnerOf(host) is HostedApp owner && owner != own)
            {
                string name = _apps.First(pair => pair.Value == owner).Key;
                throw new DeployException("host-taken", $"the app {name} answers for the host {host} already");
            }
        }
    }

    private void SetHosts(HostedApp app, IReadOnlyList<string> hosts)
    {
        foreach (string host in hosts)
        {
            _hosts.Set(host, app);
        }

        foreach (string host in app.Hosts.Except(hosts))
        {
            _hosts.Remove(host);
        }

        app.Hosts = hosts;
    }

    private HostedShare[] LoadAll(HostedApp hosted, (DeployedVersion Version, int Weight)[] shares)
    {
        var loaded = new List<HostedShare>();
        var made = new List<App>();
        try
        {
            foreach ((DeployedVersion version, int weight) in shares)
            {
                App? app = hosted.FindSame(version);
                if (app is null)
                {
                    app = _loader.LoadCold(version, _sweep);
                    made.Add(app);
                }

                loaded.Add(new HostedShare(version, app, weight));
            }
        }
        catch
        {
            made.ForEach(app => app.ReleaseUse());
            throw;
        }

        return [.. loaded];
    }
}
