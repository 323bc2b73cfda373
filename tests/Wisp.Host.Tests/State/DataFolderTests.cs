using Wisp.Host.State;

namespace Wisp.Host.Tests.State;

public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _temp = new();

    private string Root => Path.Combine(_temp.Path, "data");

    [Fact]
    public void IsForItsOwnerAlone()
    {
        using DataFolder folder = DataFolder.Open(Root);
        using StateDatabase database = StateDatabase.Open(folder.Database);

        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Root));
        Assert.All(Directory.GetDirectories(Root), path => Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(path)));
        Assert.All(Directory.GetFiles(Root), path => Assert.Equal(Owner, File.GetUnixFileMode(path)));
        Assert.Contains(Directory.GetFiles(Root), path => path.EndsWith("wisp.db-wal", StringComparison.Ordinal));
    }

    [Fact]
    public void IsHeldByOneServer()
    {
        using (DataFolder.Open(Root))
        {
            StateException refused = Assert.Throws<StateException>(() => DataFolder.Open(Root));
            Assert.Contains("another server", refused.Message, StringComparison.Ordinal);
        }

        DataFolder.Open(Root).Dispose();
    }

    [Fact]
    public void FolderOfSomethingElseIsRefusedAndLeftAlone()
    {
        _temp.Write("data/thesis.txt", "all my work");
        UnixFileMode before = File.GetUnixFileMode(Root);

        Assert.Throws<StateException>(() => DataFolder.Open(Root));

        Assert.Equal(before, File.GetUnixFileMode(Root));
        Assert.Equal(["thesis.txt"], Directory.GetFileSystemEntries(Root).Select(Path.GetFileName));
    }

    [Fact]
    public void RestoredBackupIsTakenAndClosedToOthers()
    {
        _temp.Write("data/wisp.db", "");

        DataFolder.Open(Root).Dispose();

        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Root));
    }

    [Fact]
    public void StartEmptiesIncoming()
    {
        string outside = Path.Combine(_temp.Path, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "file"), "mine");
        using (DataFolder folder = DataFolder.Open(Root))
        {
            File.WriteAllText(folder.NewIncoming(), "half");
            Directory.CreateDirectory(Path.Combine(folder.NewIncoming(), "deep"));
            Directory.CreateSymbolicLink(folder.NewIncoming(), outside);
        }

        using DataFolder again = DataFolder.Open(Root);

        Assert.Empty(Directory.GetFileSystemEntries(again.Incoming));
        Assert.True(File.Exists(Path.Combine(outside, "file")));
    }

    public void Dispose() => _temp.Dispose();
}
