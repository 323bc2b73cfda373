using Wisp.Host.Deployments;
using Wisp.Host.State;

namespace Wisp.Host.Secrets;

/// <summary>The values that apps get on this server, encrypted in the database. Thread safe.</summary>
internal sealed class SecretStore(StateDatabase database, SecretBox box)
{
    /// <summary>Bytes of a value at most: what an environment variable may reasonably have.</summary>
    public const int MaxBytes = 64 << 10;

    public IReadOnlyList<SecretStatus> List(string app) => database.Read(queries => queries.All(
        "select name, changed from secrets where app = $1 order by name",
        row => new SecretStatus(row.GetString(0), StateQueries.ToTime(row.GetInt64(1))), app));

    /// <summary>Sets a value as part of a change.</summary>
    public void Set(StateQueries queries, string app, string name, string value, DateTimeOffset at) => queries.Execute(
        "insert into secrets values ($1, $2, $3, $4) on conflict do update set sealed = excluded.sealed, changed = excluded.changed",
        app, name, box.Seal(app, name, value), StateQueries.TimeOf(at));

    /// <summary>Removes a value as part of a change.</summary>
    /// <returns>False when there is none.</returns>
    public static bool Delete(StateQueries queries, string app, string name) =>
        queries.Execute("delete from secrets where app = $1 and name = $2", app, name) == 1;

    /// <summary>All values of an app.</summary>
    /// <exception cref="StateException">One does not open; the message names it and nothing of its value.</exception>
    public Dictionary<string, string> Open(string app)
    {
        List<(string Name, byte[] Sealed)> rows = database.Read(queries => queries.All(
            "select name, sealed from secrets where app = $1", row => (row.GetString(0), row.GetFieldValue<byte[]>(1)), app));
        return rows.ToDictionary(row => row.Name, row => box.Open(app, row.Name, row.Sealed)
            ?? throw new StateException($"secret {row.Name} of {app} was encrypted with another key, or is damaged; set it again"));
    }

    /// <summary>Encrypts every value anew.</summary>
    /// <param name="next">With the key that is used from now on.</param>
    public void Reseal(SecretBox next) => database.Change(queries =>
    {
        foreach ((string app, string name, byte[] old) in queries.All(
            "select app, name, sealed from secrets", row => (row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2))))
        {
            string value = box.Open(app, name, old)
                ?? throw new StateException($"secret {name} of {app} was encrypted with another key, or is damaged; set it again");
            queries.Execute("update secrets set sealed = $3 where app = $1 and name = $2", app, name, next.Seal(app, name, value));
        }
    });
}
