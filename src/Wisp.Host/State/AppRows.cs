using Wisp.Host.Deployments;

namespace Wisp.Host.State;

/// <summary>A file of a version.</summary>
/// <param name="Path">Its path in the version's folder, with slashes.</param>
/// <param name="Digest">The blob.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record VersionFile(string Path, string Digest, long Bytes);

/// <summary>A version with all that the database says about it.</summary>
/// <param name="App">Its app.</param>
/// <param name="Status">What is shown of it.</param>
/// <param name="Files">Its files.</param>
/// <param name="Images">Names of its components' images, by component.</param>
internal sealed record VersionRecord(
    string App, VersionStatus Status, IReadOnlyList<VersionFile> Files, IReadOnlyDictionary<string, string> Images);

/// <summary>Apps, versions and traffic in the database.</summary>
internal static class AppRows
{
    private const int MaxHistory = 100;

    public static List<(string Name, DateTimeOffset Created)> All(StateQueries queries) => queries.All(
        "select name, created from apps order by name", row => (row.GetString(0), StateQueries.ToTime(row.GetInt64(1))));

    /// <summary>The newest version of each app.</summary>
    public static Dictionary<string, int> Latest(StateQueries queries) => queries.All(
        "select app, max(number) from versions group by app", row => (row.GetString(0), row.GetInt32(1)))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>The traffic of each app.</summary>
    public static ILookup<string, TrafficShare> Traffic(StateQueries queries) => queries.All(
        "select app, version, weight from traffic order by app, version",
        row => (row.GetString(0), new TrafficShare(row.GetInt32(1), row.GetInt32(2)))).ToLookup(pair => pair.Item1, pair => pair.Item2);

    public static DateTimeOffset? Created(StateQueries queries, string app) => queries.One<DateTimeOffset?>(
        "select created from apps where name = $1", row => StateQueries.ToTime(row.GetInt64(0)), app);

    /// <summary>The number that was given last to a version of an app of this name; 0 when none was.</summary>
    public static int LastNumber(StateQueries queries, string app) =>
        queries.One("select last from numbers where app = $1", row => row.GetInt32(0), app);

    /// <summary>The newest first.</summary>
    public static List<VersionStatus> Versions(StateQueries queries, string app) => queries.All(
        "select number, label, digest, created, created_by from versions where app = $1 order by number desc", ReadVersion, app);

    public static VersionRecord? Version(StateQueries queries, string app, int number)
    {
        VersionStatus? status = queries.One(
            "select number, label, digest, created, created_by from versions where app = $1 and number = $2", ReadVersion, app, number);
        return status is null ? null : new VersionRecord(app, status,
            queries.All("select path, digest, bytes from files where app = $1 and number = $2 order by path",
                row => new VersionFile(row.GetString(0), row.GetString(1), row.GetInt64(2)), app, number),
            queries.All("select component, image from images where app = $1 and number = $2",
                row => (row.GetString(0), row.GetString(1)), app, number).ToDictionary(pair => pair.Item1, pair => pair.Item2));
    }

    public static List<TrafficShare> Traffic(StateQueries queries, string app) => queries.All(
        "select version, weight from traffic where app = $1 order by version", row => new TrafficShare(row.GetInt32(0), row.GetInt32(1)), app);

    /// <summary>How traffic was split, the newest first; the first is how it is now.</summary>
    public static List<IReadOnlyList<TrafficShare>> History(StateQueries queries, string app) => queries.All(
        "select shares from traffic_history where app = $1 order by id desc", row => TrafficText.Parse(row.GetString(0)), app);

    public static List<string> Accepted(StateQueries queries, string app) =>
        queries.All("select line from accepted where app = $1 order by line", row => row.GetString(0), app);

    public static bool IsBlobNamed(StateQueries queries, string digest) =>
        queries.Any("select 1 from files where digest = $1 limit 1", digest);

    public static bool IsImageNamed(StateQueries queries, string image) =>
        queries.Any("select 1 from images where image = $1 limit 1", image);

    /// <summary>Adds a version; the app too, when it is the first.</summary>
    public static void Add(StateQueries queries, VersionRecord version)
    {
        (string app, VersionStatus status) = (version.App, version.Status);
        long created = StateQueries.TimeOf(status.Created);
        queries.Execute("insert into apps values ($1, $2) on conflict do nothing", app, created);
        queries.Execute("insert into numbers values ($1, $2) on conflict do update set last = excluded.last", app, status.Number);
        queries.Execute("insert into versions values ($1, $2, $3, $4, $5, $6)",
            app, status.Number, status.Label, status.Digest, created, status.By);
        foreach (VersionFile file in version.Files)
        {
            queries.Execute("insert into files values ($1, $2, $3, $4, $5)", app, status.Number, file.Path, file.Digest, file.Bytes);
        }

        SetImages(queries, app, status.Number, version.Images);
    }

    public static void SetImages(StateQueries queries, string app, int number, IReadOnlyDictionary<string, string> images)
    {
        foreach ((string component, string image) in images)
        {
            queries.Execute("insert into images values ($1, $2, $3, $4) on conflict do update set image = excluded.image", app, number, component, image);
        }
    }

    public static void SetAccepted(StateQueries queries, string app, IReadOnlyCollection<string> lines, DateTimeOffset at, string by)
    {
        foreach (string line in Accepted(queries, app).Except(lines))
        {
            queries.Execute("delete from accepted where app = $1 and line = $2", app, line);
        }

        foreach (string line in lines)
        {
            queries.Execute("insert into accepted values ($1, $2, $3, $4) on conflict do nothing", app, line, StateQueries.TimeOf(at), by);
        }
    }

    public static void SetTraffic(StateQueries queries, string app, IReadOnlyList<TrafficShare> shares, DateTimeOffset at)
    {
        queries.Execute("delete from traffic where app = $1", app);
        foreach (TrafficShare share in shares)
        {
            queries.Execute("insert into traffic values ($1, $2, $3)", app, share.Version, share.Weight);
        }

        queries.Execute("insert into traffic_history (app, changed, shares) values ($1, $2, $3)",
            app, StateQueries.TimeOf(at), TrafficText.Of(shares));
        queries.Execute("""
            delete from traffic_history where app = $1 and id <= (
                select id from traffic_history where app = $1 order by id desc limit 1 offset $2)
            """, app, MaxHistory);
    }

    /// <summary>Drops the versions of an app that nobody asks any more: all without traffic but the newest ones.</summary>
    /// <returns>What they were.</returns>
    public static List<VersionRecord> Prune(StateQueries queries, string app, int keep)
    {
        List<int> numbers = queries.All("""
            select number from versions where app = $1
                and number not in (select number from versions where app = $1 order by number desc limit $2)
                and number not in (select version from traffic where app = $1)
            """, row => row.GetInt32(0), app, keep);
        var old = new List<VersionRecord>();
        foreach (int number in numbers)
        {
            old.Add(Version(queries, app, number)!);
            queries.Execute("delete from versions where app = $1 and number = $2", app, number);
        }

        return old;
    }

    /// <summary>Drops an app with all that belongs to it, its secrets too. Its last number stays.</summary>
    public static void Delete(StateQueries queries, string app)
    {
        queries.Execute("delete from secrets where app = $1", app);
        queries.Execute("delete from apps where name = $1", app);
    }

    private static VersionStatus ReadVersion(Microsoft.Data.Sqlite.SqliteDataReader row) => new(
        row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2), StateQueries.ToTime(row.GetInt64(3)), row.GetString(4));
}
