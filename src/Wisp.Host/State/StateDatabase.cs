using Microsoft.Data.Sqlite;

namespace Wisp.Host.State;

/// <summary>The database of a server: one connection, whose users take turns. Thread safe.</summary>
/// <remarks>A change that returned is on the disk (WAL with <c>synchronous = FULL</c>: the log is synced by each commit). Every statement is
/// short, so readers wait for a commit at most.</remarks>
internal sealed class StateDatabase : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Lock _turn = new();

    private StateDatabase(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the database, makes it when there is none, and brings an older one up to date.</summary>
    /// <exception cref="StateException">It is damaged, or was made by a newer version of Wisp.</exception>
    public static StateDatabase Open(string path)
    {
        SqliteLibrary.Load();
        if (!File.Exists(path))
        {
            // SQLite takes an empty file for a new database, and gives its log the file's mode.
            DurableFile.Create(path).Dispose();
            DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ConnectionString);
        try
        {
            connection.Open();
            var queries = new StateQueries(connection, null);
            queries.Execute(
                "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off;");
            if (queries.One("pragma quick_check", row => row.GetString(0)) is var check and not "ok")
            {
                throw new StateException($"{path}: damaged ({check}); restore it from a backup");
            }

            var database = new StateDatabase(connection);
            StateSchema.Upgrade(database, path);
            return database;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw new StateException($"{path}: cannot be opened: {exception.Message}", exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads; what it sees belongs together.</summary>
    public T Read<T>(Func<StateQueries, T> read)
    {
        lock (_turn)
        {
            using SqliteTransaction transaction = _connection.BeginTransaction(deferred: true);
            return read(new StateQueries(_connection, transaction));
        }
    }

    /// <summary>Changes something: all of it, on the disk when this returns, or nothing.</summary>
    public T Change<T>(Func<StateQueries, T> change)
    {
        lock (_turn)
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            T result = change(new StateQueries(_connection, transaction));
            transaction.Commit();
            return result;
        }
    }

    /// <inheritdoc cref="Change{T}"/>
    public void Change(Action<StateQueries> change) => Change(queries =>
    {
        change(queries);
        return true;
    });

    public void Dispose() => _connection.Dispose();
}
