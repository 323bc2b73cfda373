using Wisp.Host.Manifests;
using Wisp.Host.State;

namespace Wisp.Host.Deployments;

// What a start does: removes what crashes left, checks what is there, and tells the host.
internal sealed partial class DeploymentRegistry
{
    /// <summary>Brings every app back. One that is damaged is reported and not served; the others are.</summary>
    /// <returns>How many are served.</returns>
    public int Start()
    {
        RemoveGarbage();
        List<(string Name, DateTimeOffset Created)> apps = _state.Database.Read(AppRows.All);
        int served = 0;
        Parallel.ForEach(apps, new ParallelOptions { MaxDegreeOfParallelism = _options.ConcurrentDeploys }, app =>
        {
            if (TryLoad(app.Name, EntryOf(app.Name)))
            {
                Interlocked.Increment(ref served);
            }
        });
        return served;
    }

    private bool TryLoad(string app, AppEntry entry)
    {
        try
        {
            var shares = new List<(DeployedVersion Version, int Weight)>();
            foreach (TrafficShare share in _state.Database.Read(queries => AppRows.Traffic(queries, app)))
            {
                shares.Add((_reader.Load(RecordOf(app, share.Version)), share.Weight));
            }

            _host.SetTraffic(app, shares);
            entry.Shares = shares;
            entry.Problem = null;
            return true;
        }
        catch (Exception exception) when (exception is StateException or DeployException or ManifestException or IOException
            or UnauthorizedAccessException or ArgumentException)
        {
            entry.Problem = exception.Message;
            _report($"{app} is not served: {exception.Message}");
            return false;
        }
    }

    private void RemoveGarbage()
    {
        (HashSet<(string, int)> versions, HashSet<string> blobs, HashSet<string> images) = _state.Database.Read(queries => (
            queries.All("select app, number from versions", row => (row.GetString(0), row.GetInt32(1))).ToHashSet(),
            queries.All("select distinct digest from files", row => row.GetString(0)).ToHashSet(),
            queries.All("select distinct image from images", row => row.GetString(0)).ToHashSet()));
        int folders = _state.Versions.RemoveOthers((app, number) => versions.Contains((app, number)));
        int files = _state.Blobs.Collect(_state.Blobs.All().ToList(), blobs.Contains) + _state.Images.Collect(_state.Images.All().ToList(), images.Contains);
        if (folders + files > 0)
        {
            _report($"removed what unfinished changes left: {folders} folders of versions, {files} files");
        }
    }
}
