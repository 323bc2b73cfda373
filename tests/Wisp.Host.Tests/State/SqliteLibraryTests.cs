using Microsoft.Data.Sqlite;
using Wisp.Host.State;

namespace Wisp.Host.Tests.State;

public sealed class SqliteLibraryTests
{
    [Fact]
    public void OpensDatabaseWithTheLibraryOfTheAssembly()
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "select sqlite_version()";

        Assert.Equal("3.53.4", command.ExecuteScalar());
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.EndsWith("/libe_sqlite3.so", StringComparison.Ordinal));
    }
}
