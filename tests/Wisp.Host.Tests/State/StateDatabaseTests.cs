using Wisp.Host.Admin;
using Wisp.Host.State;

namespace Wisp.Host.Tests.State;

public sealed class StateDatabaseTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string Database => Path.Combine(_temp.Path, "wisp.db");

    [Fact]
    public void ChangeThatThrowsChangesNothing()
    {
        using StateDatabase database = StateDatabase.Open(Database);

        Assert.Throws<InvalidOperationException>(() => database.Change(queries =>
        {
            queries.Execute("insert into apps values ('shop', 1)");
            throw new InvalidOperationException();
        }));

        Assert.Empty(database.Read(AppRows.All));
    }

    [Fact]
    public void ChangeSurvivesTheConnection()
    {
        using (StateDatabase database = StateDatabase.Open(Database))
        {
            database.Change(queries => queries.Execute("insert into apps values ('shop', 1)"));
        }

        using StateDatabase again = StateDatabase.Open(Database);
        Assert.Equal("shop", Assert.Single(again.Read(AppRows.All)).Name);
    }

    [Fact]
    public void CommitsAreSyncedAndReferencesChecked()
    {
        using StateDatabase database = StateDatabase.Open(Database);

        Assert.Equal(2, database.Read(queries => queries.One("pragma synchronous", row => row.GetInt32(0))));
        Assert.Equal("wal", database.Read(queries => queries.One("pragma journal_mode", row => row.GetString(0))));
        Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(
            () => database.Change(queries => queries.Execute("insert into traffic values ('nobody', 1, 100)")));
    }

    [Fact]
    public void DatabaseOfNewerVersionIsRefused()
    {
        using (StateDatabase database = StateDatabase.Open(Database))
        {
            database.Change(queries => queries.Execute("pragma user_version = 1000"));
        }

        Assert.Contains("newer", Assert.Throws<StateException>(() => StateDatabase.Open(Database)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedDatabaseIsRefused()
    {
        StateDatabase.Open(Database).Dispose();
        byte[] bytes = File.ReadAllBytes(Database);
        bytes.AsSpan(100).Fill(0xa5);
        File.WriteAllBytes(Database, bytes);

        Assert.Throws<StateException>(() => StateDatabase.Open(Database));
    }

    [Fact]
    public void TokensAreKeptByHashAndEachChangeIsAudited()
    {
        using StateDatabase database = StateDatabase.Open(Database);
        var tokens = new TokenStore(database, TimeProvider.System);
        var token = new AdminToken("ci", AdminScope.Deploy, new byte[32], DateTimeOffset.FromUnixTimeMilliseconds(5));

        Assert.True(tokens.TryAdd(token, "first"));
        Assert.False(tokens.TryAdd(token, "first"));
        AdminToken kept = Assert.Single(tokens.List());
        Assert.True(tokens.Remove("ci", "first"));
        Assert.False(tokens.Remove("ci", "first"));

        Assert.Equal((token.Name, token.Scope, token.Created), (kept.Name, kept.Scope, kept.Created));
        Assert.Equal(token.Hash.ToArray(), kept.Hash.ToArray());
        var audit = new AuditLog(database);
        Assert.Equal(["token.delete", "token.create"], audit.Latest(10, null).Select(entry => entry.Action));
        Assert.Equal(["token.create"], audit.Latest(10, audit.Latest(1, null)[0].Number).Select(entry => entry.Action));
    }

    [Fact]
    public void AuditLogIsBounded()
    {
        using StateDatabase database = StateDatabase.Open(Database);
        database.Change(queries => queries.Execute("insert into audit values ($1, 1, 'x', 'old', null, null), ($1 + 5, 1, 'x', 'newer', null, null)", 7));

        database.Change(queries =>
        {
            queries.Execute("update sqlite_sequence set seq = $1 where name = 'audit'", 7 + AuditLog.MaxEntries - 1);
            AuditLog.Add(queries, DateTimeOffset.UnixEpoch, "x", "newest", null, null);
        });

        Assert.Equal(["newest", "newer"], new AuditLog(database).Latest(10, null).Select(entry => entry.Action));
    }

    public void Dispose() => _temp.Dispose();
}
