using Wisp.Host.Admin;

namespace Wisp.Host.State;

/// <summary>Who did what. An entry is written in the transaction of what it is about, so there is none without the other.</summary>
internal sealed class AuditLog(StateDatabase database) : IAuditLog
{
    /// <summary>Entries that are kept. Refused tokens make entries too, so nobody may fill the disk with them.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Adds an entry to a change.</summary>
    public static void Add(StateQueries queries, DateTimeOffset at, string by, string action, string? app, string? detail)
    {
        queries.Execute("insert into audit (at, who, action, app, detail) values ($1, $2, $3, $4, $5)",
            StateQueries.TimeOf(at), by, action, app, detail);
        queries.Execute("delete from audit where id <= last_insert_rowid() - $1", MaxEntries);
    }

    public void Add(AuditEntry entry) =>
        database.Change(queries => Add(queries, entry.Time, entry.By, entry.Action, entry.App, entry.Detail));

    public IReadOnlyList<AuditEntry> Latest(int limit, long? before) => database.Read(queries => queries.All(
        "select id, at, who, action, app, detail from audit where $2 is null or id < $2 order by id desc limit $1",
        row => new AuditEntry(row.GetInt64(0), StateQueries.ToTime(row.GetInt64(1)), row.GetString(2), row.GetString(3),
            row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5)),
        limit, before));
}
