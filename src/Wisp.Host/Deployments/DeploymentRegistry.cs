using System.Collections.Concurrent;
using Wisp.Host.Hosting;
using Wisp.Host.Manifests;
using Wisp.Host.State;
using Wisp.Permissions;

namespace Wisp.Host.Deployments;

// The order of things that survives a crash at any point:
//
//   1. files of a version     blobs (synced), folder, images       nobody knows them yet; a start removes them
//   2. one transaction        version, permissions, traffic, audit; in it the host is told, and as the last thing it commits
//   3. what became old        folders, blobs and images            a start removes them
//
// 1. What the database says is complete on the disk. What is on the disk and not in the database is garbage.
// 2. The host serves what the database says, but between telling the host and the commit; a commit that fails tells it the old again.

/// <summary>The apps of a server, as the database has them and as the host runs them.</summary>
internal sealed partial class DeploymentRegistry : IDeployments, IDisposable
{
    private readonly ServerState _state;
    private readonly IVersionHost _host;
    private readonly DeploymentOptions _options;
    private readonly Action<string> _report;
    private readonly TimeProvider _clock;
    private readonly VersionReader _reader;
    private readonly SemaphoreSlim _deploys;
    private readonly ConcurrentDictionary<string, AppEntry> _apps = new();

    /// <summary>Makes the registry; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="state">What is kept; not owned.</param>
    /// <param name="host">What runs versions.</param>
    /// <param name="options">Settings.</param>
    /// <param name="report">Takes a line about what is damaged or was repaired.</param>
    /// <param name="clock">Tells the time; null for the machine's.</param>
    public DeploymentRegistry(
        ServerState state, IVersionHost host, DeploymentOptions options, Action<string> report, TimeProvider? clock = null)
    {
        _state = state;
        _host = host;
        _options = options;
        _report = report;
        _clock = clock ?? TimeProvider.System;
        _reader = new VersionReader(state, new ImageMaker(state));
        _deploys = new SemaphoreSlim(options.ConcurrentDeploys);
    }

    public IReadOnlyList<AppStatus> List() => _state.Database.Read(queries =>
    {
        // Three queries, however many apps there are: the dashboard asks each second.
        Dictionary<string, int> latest = AppRows.Latest(queries);
        ILookup<string, TrafficShare> traffic = AppRows.Traffic(queries);
        return (IReadOnlyList<AppStatus>)[.. AppRows.All(queries).Select(app => StatusOf(app.Name, app.Created, latest[app.Name], [.. traffic[app.Name]]))];
    });

    public AppStatus Find(string app) => _state.Database.Read(queries => StatusOf(
        app, CreatedOf(queries, app), AppRows.Versions(queries, app)[0].Number, AppRows.Traffic(queries, app)));

    public IReadOnlyList<VersionStatus> Versions(string app) => _state.Database.Read(queries =>
    {
        CreatedOf(queries, app);
        return AppRows.Versions(queries, app);
    });

    public DeployedVersion Describe(string app, int version)
    {
        RecordOf(app, version);
        if (EntryOf(app).Shares.FirstOrDefault(share => share.Version.Number == version).Version is { } loaded)
        {
            return loaded with { Variables = new Dictionary<string, string>() };
        }

        try
        {
            return new DeployedVersion(app, version, _reader.ReadManifest(app, version));
        }
        catch (Exception exception) when (exception is IOException or ManifestException)
        {
            throw new DeployException("damaged", $"v{version} of {app} is damaged: {exception.Message}");
        }
    }

    public void Dispose() => _deploys.Dispose();

    private AppStatus StatusOf(string app, DateTimeOffset created, int latest, IReadOnlyList<TrafficShare> traffic)
    {
        AppEntry entry = EntryOf(app);
        return new AppStatus(app, latest, created, traffic, [.. entry.Shares.SelectMany(share => share.Version.Manifest.Hosts).Distinct()])
        {
            Problem = entry.Problem,
        };
    }

    private static DateTimeOffset CreatedOf(StateQueries queries, string app) => AppRows.Created(queries, app)
        ?? throw new DeployException("no-such-app", $"there is no app {GuestText.Quote(app)}");

    private VersionRecord RecordOf(string app, int version) => _state.Database.Read(queries =>
    {
        CreatedOf(queries, app);
        return AppRows.Version(queries, app, version)
            ?? throw new DeployException("no-such-version", $"{app} has no version {version}");
    });

    private AppEntry EntryOf(string app) => _apps.GetOrAdd(app, _ => new AppEntry());

    /// <summary>Runs a change of an app, after those that came before it.</summary>
    private async Task<T> InTurnAsync<T>(string app, Func<AppEntry, Task<T>> change, CancellationToken cancellationToken = default)
    {
        CheckName(app);
        AppEntry entry = EntryOf(app);
        await entry.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ToldAsync(app, () => change(entry)).ConfigureAwait(false);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private static void CheckName(string app)
    {
        if (TextTypes.AppName.Check!(app) is string fault)
        {
            throw new DeployException("bad-name", fault);
        }
    }

    /// <summary>Runs a part of a change; tells the client of a failure what is the client's business, and the operator the rest.</summary>
    private async Task<T> ToldAsync<T>(string app, Func<Task<T>> part)
    {
        try
        {
            return await part().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StateException or IOException or UnauthorizedAccessException
            or Microsoft.Data.Sqlite.SqliteException)
        {
            // Where the server keeps its files is not the client's business; the operator is told.
            _report($"a change of {app} failed: {exception.Message}");
            throw new DeployException("server-failed", "the server failed: " + exception.Message.Replace(_state.Folder.Root, "DATA", StringComparison.Ordinal));
        }
    }

    /// <summary>Makes a change and lets the host serve it: both or neither.</summary>
    private void Switch(string app, AppEntry entry, IReadOnlyList<(DeployedVersion Version, int Weight)> shares, Action<StateQueries> rows)
    {
        bool isTold = false;
        try
        {
            _state.Database.Change(queries =>
            {
                rows(queries);
                _options.OnPoint?.Invoke("switch");
                isTold = true;
                _host.SetTraffic(app, shares);
                _options.OnPoint?.Invoke("switched");
            });
        }
        catch
        {
            if (isTold)
            {
                Tell(app, entry.Shares);
            }

            throw;
        }

        entry.Shares = shares;
        entry.Problem = null;
    }

    private void Tell(string app, IReadOnlyList<(DeployedVersion Version, int Weight)> shares)
    {
        if (shares.Count == 0)
        {
            _host.Remove(app);
        }
        else
        {
            _host.SetTraffic(app, shares);
        }
    }
}
