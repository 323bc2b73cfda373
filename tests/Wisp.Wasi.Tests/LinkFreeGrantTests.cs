using Wisp.Permissions;

namespace Wisp.Wasi.Tests;

/// <summary>A directory that is granted below a folder is found without following links, however it is asked for.</summary>
public sealed class LinkFreeGrantTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("wisp-links-").FullName;

    public LinkFreeGrantTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "storage", "a", "b"));
        Directory.CreateDirectory(Path.Combine(_root, "outside", "b"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "storage", "a", "out"), "../../outside");
        Directory.CreateSymbolicLink(Path.Combine(_root, "storage", "in"), "a");
    }

    [Theory]
    [InlineData(".")]
    [InlineData("a")]
    [InlineData("a/b")]
    [InlineData("a/./b/")]
    [InlineData("a/../a/b")]
    public void DirectoryIsOpened(string path) => Open(path, "storage");

    [Theory]
    [InlineData("a/out")]
    [InlineData("a/out/b")]
    [InlineData("in")]
    [InlineData("in/b")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("nothing")]
    public void LinkAndWayUpAreRefused(string path)
    {
        IOException refused = Assert.Throws<IOException>(() => Open(path, "storage"));
        Assert.DoesNotContain("Success", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FolderItselfMayBeReachedByALink() => Open("b", "storage/in");

    [Fact]
    public void WithoutAFolderLinksAreFollowed() => Open(new DirectoryGrant(Path.Combine(_root, "storage/a/out"), "/", DirectoryAccess.ReadOnly));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Open(string path, string below)
    {
        string root = Path.Combine(_root, below);
        Open(new DirectoryGrant(Path.Combine(root, path), "/", DirectoryAccess.ReadOnly) { LinkFreeBelow = root });
    }

    private static void Open(DirectoryGrant directory) =>
        new WasiContextBuilder(new PermissionGate(new Grant { Directories = [directory] }, "test")).Build().Dispose();
}
