using Wisp.Permissions;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

public sealed class ReadOnlyGrantTests : IDisposable
{
    private readonly TestGuest _guest = new(DirectoryAccess.ReadOnly);

    public ReadOnlyGrantTests()
    {
        File.WriteAllText(Path.Combine(_guest.Folder, "file"), "text");
        Directory.CreateDirectory(Path.Combine(_guest.Folder, "dir"));
    }

    [Fact]
    public void ReadingWorks()
    {
        uint fd = _guest.MustOpen("file");
        Assert.Equal(Errno.Success, _guest.Read(fd, 10, out string text));
        Assert.Equal("text", text);
        Assert.Equal(Errno.Success, _guest.Stat("file"));
        Assert.Empty(_guest.Denials);
    }

    [Fact]
    public void EveryChangeIsRefusedWithTheFlagThatAllowsIt()
    {
        Errno[] results =
        [
            _guest.Open("file", out _, rights: Rights.FdWrite),
            _guest.Open("file", out _, rights: Rights.FdAllocate),
            _guest.Open("file", out _, OFlags.Truncate),
            _guest.Open("new", out _, OFlags.Create),
            _guest.Unlink("file"),
            _guest.RemoveDirectory("dir"),
            _guest.MakeDirectory("new"),
            _guest.Rename("file", "new"),
            _guest.Link("file", "new"),
            _guest.Symlink("file", "new"),
            _guest.SetTimes("file", 0),
        ];
        Assert.All(results, result => Assert.Equal(Errno.Rofs, result));
        Assert.Equal(results.Length, _guest.Denials.Count);
        Assert.All(_guest.Denials, denial => Assert.Equal($"--dir {_guest.Folder}::/", denial.ToAllow));
        Assert.Equal(["dir", "file"], Directory.GetFileSystemEntries(_guest.Folder).Select(Path.GetFileName).Order());
        Assert.Equal("text", File.ReadAllText(Path.Combine(_guest.Folder, "file")));
    }

    [Fact]
    public void TimesOfAnOpenFileAreRefusedToo()
    {
        uint fd = _guest.MustOpen("file", rights: Rights.FdRead | Rights.FdFilestatSetTimes);
        Assert.Equal(Errno.Rofs, _guest.Wasi.FdFilestatSetTimes(_guest.View, fd, 0, 0, (uint)FstFlags.ModifyTime));
        uint directory = _guest.MustOpen("dir", OFlags.Directory, Rights.FdFilestatSetTimes);
        Assert.Equal(Errno.Rofs,
            _guest.Wasi.FdFilestatSetTimes(_guest.View, directory, 0, 0, (uint)FstFlags.ModifyTime));
    }

    [Fact]
    public void SubdirectoryDoesNotGiveMore()
    {
        uint directory = _guest.MustOpen("dir", OFlags.Directory, Rights.Directory);
        Assert.Equal(Errno.Rofs, _guest.Open("new", out _, OFlags.Create, from: directory));
        Assert.Contains("\"/dir/new\"", _guest.Denials[0].Action, StringComparison.Ordinal);
    }

    [Fact]
    public void NeitherLinkNorRenameTakesTheLockOff()
    {
        string writable = Directory.CreateTempSubdirectory("wisp-wasi-").FullName;
        try
        {
            using TestGuest guest = new(DirectoryAccess.ReadOnly, grant =>
                grant.AddDirectory(writable, "/w", DirectoryAccess.ReadWrite));
            File.WriteAllText(Path.Combine(guest.Folder, "file"), "text");
            Assert.Equal(Errno.Rofs, guest.Link("file", "mine", toFd: TestGuest.Root + 1));
            Assert.Equal(Errno.Rofs, guest.Rename("file", "mine", toFd: TestGuest.Root + 1));
            Assert.Equal(Errno.Success, guest.Open("own", out _, OFlags.Create, Rights.FdWrite, TestGuest.Root + 1));
            Assert.Equal(Errno.Rofs, guest.Rename("own", "theirs", TestGuest.Root + 1, TestGuest.Root));
        }
        finally
        {
            Directory.Delete(writable, recursive: true);
        }
    }

    public void Dispose() => _guest.Dispose();
}
