namespace Wisp.Permissions.Tests;

public sealed class DirectoryGrantTests
{
    [Theory]
    [InlineData("./data::/data", "./data", "/data", DirectoryAccess.ReadWrite)]
    [InlineData("./data::/data:ro", "./data", "/data", DirectoryAccess.ReadOnly)]
    [InlineData("./data::/data:rw", "./data", "/data", DirectoryAccess.ReadWrite)]
    [InlineData(".", ".", ".", DirectoryAccess.ReadWrite)]
    [InlineData("/srv:ro", "/srv", "/srv", DirectoryAccess.ReadOnly)]
    [InlineData("/srv/a:b::/x", "/srv/a:b", "/x", DirectoryAccess.ReadWrite)]
    public void ReadsSpelling(string text, string host, string guest, DirectoryAccess access)
    {
        Assert.True(DirectoryGrant.TryParse(text, out DirectoryGrant? grant, out _));
        Assert.Equal(new DirectoryGrant(host, guest, access), grant);
    }

    [Theory]
    [InlineData("")]
    [InlineData("::/data")]
    [InlineData("./data::")]
    [InlineData(":ro")]
    [InlineData("a\0b")]
    public void RefusesWhatNamesNoDirectory(string text)
    {
        Assert.False(DirectoryGrant.TryParse(text, out _, out string? error));
        Assert.StartsWith("--dir ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./data::/data:ro")]
    [InlineData("./data::/data")]
    public void FlagReadsBackAsItself(string text)
    {
        Assert.True(DirectoryGrant.TryParse(text, out DirectoryGrant? grant, out _));
        Assert.Equal(text, grant.Flag);
    }
}
