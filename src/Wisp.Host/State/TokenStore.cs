using Wisp.Host.Admin;

namespace Wisp.Host.State;

/// <summary>The tokens of the admin API: their names, scopes and hashes.</summary>
internal sealed class TokenStore(StateDatabase database, TimeProvider clock) : ITokenStore
{
    public IReadOnlyList<AdminToken> List() => database.Read(queries => queries.All(
        "select name, scope, hash, created from tokens order by name",
        row => new AdminToken(row.GetString(0), ScopeOf(row.GetString(1)), row.GetFieldValue<byte[]>(2), StateQueries.ToTime(row.GetInt64(3)))));

    public bool TryAdd(AdminToken token, string by) => database.Change(queries =>
    {
        string scope = AdminScopes.NameOf(token.Scope);
        bool isNew = queries.Execute("insert into tokens values ($1, $2, $3, $4) on conflict (name) do nothing",
            token.Name, scope, token.Hash.ToArray(), StateQueries.TimeOf(token.Created)) == 1;
        if (isNew)
        {
            AuditLog.Add(queries, token.Created, by, "token.create", null, $"{token.Name}, scope {scope}");
        }

        return isNew;
    });

    public bool Remove(string name, string by) => database.Change(queries =>
    {
        bool isGone = queries.Execute("delete from tokens where name = $1", name) == 1;
        if (isGone)
        {
            AuditLog.Add(queries, clock.GetUtcNow(), by, "token.delete", null, name);
        }

        return isGone;
    });

    private static AdminScope ScopeOf(string name) => AdminScopes.TryParse(name, out AdminScope scope)
        ? scope
        : throw new StateException($"a token has the unknown scope {name}");
}
