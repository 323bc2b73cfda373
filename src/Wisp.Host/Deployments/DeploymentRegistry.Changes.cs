using Wisp.Host.State;

namespace Wisp.Host.Deployments;

// Deploys, traffic, rollback, deletion.
internal sealed partial class DeploymentRegistry
{
    public async Task<AppStatus> DeployAsync(DeployRequest request, IProgress<DeployStep> progress, CancellationToken cancellationToken)
    {
        if (request.Canary is < 1 or > TrafficPlan.Whole)
        {
            throw new DeployException("bad-traffic", $"a canary gets from 1 to {TrafficPlan.Whole} percent");
        }

        CheckName(request.App);
        using Upload upload = await ToldAsync(request.App, () => DeployPipeline.ReceiveAsync(
            _state, request, progress, _options, cancellationToken)).ConfigureAwait(false);
        return await InTurnAsync(request.App, async entry =>
        {
            await _deploys.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await DeployAsync(entry, request, upload, progress, cancellationToken).ConfigureAwait(false);
                return Find(request.App);
            }
            finally
            {
                _deploys.Release();
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    public Task SetTrafficAsync(string app, IReadOnlyList<TrafficShare> shares, string by) => InTurnAsync(app, entry =>
    {
        RouteTo(app, entry, shares, by, "traffic");
        return Task.FromResult(true);
    });

    public Task<AppStatus> RollbackAsync(string app, int? version, string by) => InTurnAsync(app, entry =>
    {
        int target = version ?? _state.Database.Read(queries =>
        {
            CreatedOf(queries, app);
            var present = AppRows.Versions(queries, app).Select(status => status.Number).ToHashSet();
            return TrafficPlan.Before(AppRows.History(queries, app), present.Contains)
                ?? throw new DeployException("no-such-version", $"{app} has no version that answered before the present one");
        });
        RouteTo(app, entry, [new TrafficShare(target, TrafficPlan.Whole)], by, "rollback");
        return Task.FromResult(Find(app));
    });

    public Task DeleteAsync(string app, string by) => InTurnAsync(app, entry =>
    {
        DateTimeOffset now = _clock.GetUtcNow();
        List<VersionRecord> versions = _state.Database.Change(queries =>
        {
            CreatedOf(queries, app);
            List<VersionRecord> all = [.. AppRows.Versions(queries, app).Select(status => AppRows.Version(queries, app, status.Number)!)];
            AppRows.Delete(queries, app);
            AuditLog.Add(queries, now, by, "delete", app, $"{all.Count} versions");
            return all;
        });
        _host.Remove(app);
        entry.Shares = [];
        entry.Problem = null;
        CleanUp(versions);
        return Task.FromResult(true);
    });

    private async Task DeployAsync(
        AppEntry entry, DeployRequest request, Upload upload, IProgress<DeployStep> progress, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        using var pipeline = new DeployPipeline(_state, request, upload, progress, _options);
        DeployedVersion version = await pipeline.RunAsync(_host, now, cancellationToken).ConfigureAwait(false);
        progress.Report(new DeployStep("switch", null, 0, null));
        (IReadOnlyList<TrafficShare> shares, List<(DeployedVersion Version, int Weight)> loaded) = SharesWith(entry, request, version);
        List<VersionRecord> old = [];
        Switch(request.App, entry, loaded, queries =>
        {
            AppRows.Add(queries, pipeline.Record);
            AppRows.SetAccepted(queries, request.App, pipeline.Permissions, now, request.By);
            AppRows.SetTraffic(queries, request.App, shares, now);
            old = AppRows.Prune(queries, request.App, _options.KeepVersions);
            AuditLog.Add(queries, now, request.By, "deploy", request.App,
                $"v{version.Number}, traffic {TrafficText.Of(shares)}" + (request.AcceptsPermissions ? $", accepted {pipeline.Permissions.Count} permissions" : string.Empty));
        });
        pipeline.Keep();
        CleanUp(old);
    }

    private (IReadOnlyList<TrafficShare> Shares, List<(DeployedVersion Version, int Weight)> Loaded) SharesWith(
        AppEntry entry, DeployRequest request, DeployedVersion version)
    {
        // Versions that could not be loaded at the start get nothing any more, or the new one could not go on without them.
        IReadOnlyList<TrafficShare> present = [.. entry.Shares.Select(share => new TrafficShare(share.Version.Number, share.Weight))];
        IReadOnlyList<TrafficShare> shares = TrafficPlan.WithCanary(present, version.Number, request.Canary);
        return (shares, [.. shares.Select(share => (
            share.Version == version.Number ? version : entry.Shares.First(other => other.Version.Number == share.Version).Version, share.Weight))]);
    }

    private void RouteTo(string app, AppEntry entry, IReadOnlyList<TrafficShare> asked, string by, string action)
    {
        if (TrafficPlan.FaultOf(asked) is string fault)
        {
            throw new DeployException("bad-traffic", fault);
        }

        TrafficShare[] shares = [.. asked.Where(share => share.Weight > 0)];
        var loaded = new List<(DeployedVersion Version, int Weight)>();
        foreach (TrafficShare share in shares)
        {
            VersionRecord record = RecordOf(app, share.Version);
            DeployedVersion? running = entry.Shares.FirstOrDefault(other => other.Version.Number == share.Version).Version;
            loaded.Add((running ?? _reader.Load(record), share.Weight));
        }

        DateTimeOffset now = _clock.GetUtcNow();
        Switch(app, entry, loaded, queries =>
        {
            AppRows.SetTraffic(queries, app, shares, now);
            AuditLog.Add(queries, now, by, action, app, TrafficText.Of(shares));
        });
    }

    /// <summary>Removes the files of versions that are not in the database any more. The change that dropped them is made; what cannot be
    /// removed now goes with the next start.</summary>
    private void CleanUp(IReadOnlyList<VersionRecord> versions)
    {
        try
        {
            _options.OnPoint?.Invoke("clean");
            foreach (VersionRecord version in versions)
            {
                _state.Versions.Remove(version.App, version.Status.Number);
            }

            _state.Blobs.Collect(versions.SelectMany(version => version.Files).Select(file => file.Digest).Distinct(),
                digest => _state.Database.Read(queries => AppRows.IsBlobNamed(queries, digest)));
            _state.Images.Collect(versions.SelectMany(version => version.Images.Values).Distinct(),
                image => _state.Database.Read(queries => AppRows.IsImageNamed(queries, image)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            _report($"files of old versions stay for now: {exception.Message}");
        }
    }
}
