using System.Text;
using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

/// <summary>That no path leaves its directory, whatever function it is given to.</summary>
public sealed class PathResolutionTests : IDisposable
{
    private readonly TestGuest _guest = new();

    public PathResolutionTests()
    {
        File.WriteAllText(Path.Combine(_guest.Outside, "secret"), "secret");
        Directory.CreateDirectory(Path.Combine(_guest.Outside, "out"));
        File.WriteAllText(Path.Combine(_guest.Outside, "out", "secret"), "secret");
        Directory.CreateDirectory(Path.Combine(_guest.Folder, "dir"));
        File.WriteAllText(Path.Combine(_guest.Folder, "file"), "inside");
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "to-secret"), "../secret");
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "to-out"), "../out");
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "absolute"), Path.Combine(_guest.Outside, "out"));
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "round"), "dir/../../granted/file");
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "inside"), "dir/../file");
    }

    public static TheoryData<string> Escapes =>
    [
        "../secret", "/etc/passwd", "/", "dir/../../secret", "to-secret", "to-out/secret", "absolute/secret",
            "./../secret", "..",
        "dir/../..", "round", "to-out/", "absolute/", "to-out/.", "to-out/..", "dir//..//..//secret",
    ];

    [Theory]
    [MemberData(nameof(Escapes))]
    public void OpeningOutsideIsRefusedAndReported(string path)
    {
        Assert.Equal(Errno.Notcapable, _guest.Open(path, out _, follow: true));
        Assert.Equal(DenialCode.PathEscape, Assert.Single(_guest.Denials).Code);
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public void TheWalkRefusesTheSame(string path)
    {
        using HostDescriptor root = new(LibC.Open(_guest.Folder, OpenFlags.Directory | OpenFlags.CloseOnExec, 0));
        Assert.Equal(LinuxError.CrossDevice,
            PathResolver.Walk(root, Terminated(path), OpenFlags.CloseOnExec, 0, out _));
    }

    [Theory]
    [InlineData("file", false, 0)]
    [InlineData("dir/../file", false, 0)]
    [InlineData("./dir/.//../file", false, 0)]
    [InlineData("inside", true, 0)]
    [InlineData("inside", false, 40)]
    [InlineData("dir/", false, 0)]
    [InlineData("dir/.", false, 0)]
    [InlineData("dir/..", false, 0)]
    [InlineData(".", false, 0)]
    [InlineData("none", true, 2)]
    [InlineData("none/file", true, 2)]
    [InlineData("file/", true, 20)]
    [InlineData("file/x", true, 20)]
    [InlineData("loop", true, 40)]
    [InlineData("loop", false, 40)]
    [InlineData("loop/x", true, 40)]
    [InlineData("to-dir/", false, 0)]
    [InlineData("to-dir/../file", true, 0)]
    [InlineData("dangling", true, 2)]
    public void TheWalkDoesAsTheKernel(string path, bool follow, int expected)
    {
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "loop"), "loop");
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "to-dir"), "./dir");
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "dangling"), "dir/none");
        using HostDescriptor root = new(LibC.Open(_guest.Folder, OpenFlags.Directory | OpenFlags.CloseOnExec, 0));
        int flags = OpenFlags.CloseOnExec | (follow ? 0 : OpenFlags.NoFollow);
        int walked = PathResolver.Walk(root, Terminated(path), flags, 0, out HostDescriptor? byWalk);
        int opened = PathResolver.Open(root, Terminated(path), flags, 0, out HostDescriptor? byKernel);
        using (byWalk)
        using (byKernel)
        {
            Assert.Equal((expected, expected), (walked, opened));
            if (expected == 0)
            {
                Assert.Equal(Errno.Success, HostFile.Stat(byWalk!, out FileStat one));
                Assert.Equal(Errno.Success, HostFile.Stat(byKernel!, out FileStat other));
                Assert.Equal(one.Inode, other.Inode);
            }
        }
    }

    [Fact]
    public void TheWalkCreatesOnlyInside()
    {
        using HostDescriptor root = new(LibC.Open(_guest.Folder, OpenFlags.Directory | OpenFlags.CloseOnExec, 0));
        const int Create = OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.CloseOnExec;
        File.CreateSymbolicLink(Path.Combine(_guest.Folder, "new-out"), "../new");
        Assert.Equal(LinuxError.CrossDevice, PathResolver.Walk(root, "new-out\0"u8, Create, 0x1b6, out _));
        Assert.Equal(0, PathResolver.Walk(root, "dir/new\0"u8, Create | OpenFlags.Exclusive, 0x1b6,
            out HostDescriptor? made));
        made!.Dispose();
        Assert.True(File.Exists(Path.Combine(_guest.Folder, "dir", "new")));
        Assert.False(File.Exists(Path.Combine(_guest.Outside, "new")));
    }

    [Fact]
    public void EveryOtherFunctionRefusesPathsOutside()
    {
        foreach (string path in new[] { "../secret", "/etc/passwd", "to-out/secret", "absolute/secret",
            "dir/../../secret" })
        {
            Assert.Equal(Errno.Notcapable, _guest.Stat(path));
            Assert.Equal(Errno.Notcapable, _guest.Stat(path, follow: true));
            Assert.Equal(Errno.Notcapable, _guest.SetTimes(path, 0));
            Assert.Equal(Errno.Notcapable, _guest.SetTimes(path, 0, follow: true));
            Assert.Equal(Errno.Notcapable, _guest.Unlink(path));
            Assert.Equal(Errno.Notcapable, _guest.RemoveDirectory(path));
            Assert.Equal(Errno.Notcapable, _guest.MakeDirectory(path));
            Assert.Equal(Errno.Notcapable, _guest.Rename(path, "stolen"));
            Assert.Equal(Errno.Notcapable, _guest.Rename("file", path));
            Assert.Equal(Errno.Notcapable, _guest.Link(path, "stolen"));
            Assert.Equal(Errno.Notcapable, _guest.Link("file", path));
            Assert.Equal(Errno.Notcapable, _guest.Symlink("file", path));
            Assert.Equal(Errno.Notcapable, _guest.ReadLink(path, out _));
        }

        Assert.Equal("secret", File.ReadAllText(Path.Combine(_guest.Outside, "secret")));
        Assert.Equal("inside", File.ReadAllText(Path.Combine(_guest.Folder, "file")));
    }

    [Fact]
    public void TrailingSlashDoesNotFollowALinkOut()
    {
        Assert.Equal(Errno.Notcapable, _guest.Stat("to-out/"));
        Assert.Equal(Errno.Notcapable, _guest.SetTimes("to-out/", 0));
        Assert.Equal(Errno.Notcapable, _guest.Link("to-out/", "stolen"));
        Assert.NotEqual(Errno.Success, _guest.ReadLink("to-out/", out _));
        Assert.Equal(Errno.Notdir, _guest.RemoveDirectory("to-out/"));
        Assert.Equal(Errno.Notdir, _guest.Rename("to-out/", "stolen"));
        Assert.True(Directory.Exists(Path.Combine(_guest.Outside, "out")));
    }

    [Fact]
    public void LinkToAnAbsolutePathIsNeitherMadeNorRead()
    {
        Assert.Equal(Errno.Notcapable, _guest.Symlink("/etc/passwd", "mine"));
        Assert.Equal(Errno.Notcapable, _guest.ReadLink("absolute", out _));
        Assert.Equal(Errno.Success, _guest.ReadLink("to-secret", out string content));
        Assert.Equal("../secret", content);
    }

    [Fact]
    public void DotsAsLastComponentAreNeverHandedToTheKernel()
    {
        Assert.Equal(Errno.Inval, _guest.RemoveDirectory("dir/."));
        Assert.Equal(Errno.Notempty, _guest.RemoveDirectory("dir/.."));
        Assert.Equal(Errno.Isdir, _guest.Unlink(".."));
        Assert.Equal(Errno.Busy, _guest.Rename("dir/..", "x"));
        Assert.Equal(Errno.Exist, _guest.MakeDirectory("dir/../.."));
        Assert.Equal(Errno.Exist, _guest.MakeDirectory("./"));
    }

    [Fact]
    public void EmptyPathsAndThoseWithAZeroByteAreRefused()
    {
        Assert.Equal(Errno.Noent, _guest.Open("", out _));
        Assert.Equal(Errno.Inval, _guest.Open("file\0", out _));
        Assert.Equal(Errno.Inval, _guest.Open("file\0/../..", out _));
    }

    [Fact]
    public void LongAndIllFormedPathsAreRefused()
    {
        Assert.Equal(Errno.Nametoolong, _guest.Open(new string('a', 256), out _));
        Assert.Equal(Errno.Nametoolong, _guest.Open(string.Concat(Enumerable.Repeat("./", 3000)), out _));
        _guest.Memory[4096] = 0xff;
        Assert.Equal(Errno.Ilseq, _guest.Wasi.PathUnlinkFile(_guest.View, TestGuest.Root, 4096, 1));
        Assert.Equal(Errno.Fault, _guest.Wasi.PathUnlinkFile(_guest.View, TestGuest.Root, uint.MaxValue - 2, 10));
    }

    // Another process of the host, or the guest itself through another instance, may swap names at any time.
    [Fact]
    public async Task DirectorySwappedForALinkNeverLeadsOut()
    {
        string name = Path.Combine(_guest.Folder, "swap");
        string aside = Path.Combine(_guest.Folder, "aside");
        Directory.CreateDirectory(name);
        File.WriteAllText(Path.Combine(name, "secret"), "inside");
        File.CreateSymbolicLink(aside, "../out");
        using CancellationTokenSource stop = new();
        Task swapping = Task.Run(() =>
        {
            string temporary = Path.Combine(_guest.Folder, "temporary");
            while (!stop.IsCancellationRequested)
            {
                Rename(name, temporary);
                Rename(aside, name);
                Rename(temporary, aside);
            }
        }, CancellationToken.None);

        using HostDescriptor root = new(LibC.Open(_guest.Folder, OpenFlags.Directory | OpenFlags.CloseOnExec, 0));
        try
        {
            for (int i = 0; i < 5000; i++)
            {
                CheckNotOutside(PathResolver.Open(root, "swap/secret\0"u8, 0, 0, out HostDescriptor? file), file);
                CheckNotOutside(PathResolver.Walk(root, "swap/../swap/secret\0"u8, 0, 0, out file), file);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await swapping;
        }
    }

    private static void CheckNotOutside(int error, HostDescriptor? file)
    {
        Assert.True(error is 0 or LinuxError.NoEntry or LinuxError.CrossDevice or LinuxError.Loop or 20,
            $"error {error}");
        if (file is null)
        {
            return;
        }

        using (file)
        {
            byte[] bytes = new byte[16];
            Assert.Equal(Errno.Success, HostFile.Read(file, bytes, out int count));
            Assert.Equal("inside", Encoding.UTF8.GetString(bytes, 0, count));
        }
    }

    private static void Rename(string from, string to)
    {
        using HostDescriptor here = new(LibC.Open("/", OpenFlags.Directory, 0));
        _ = LibC.RenameAt(here, in Terminated(from)[0], here, in Terminated(to)[0]);
    }

    private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + "\0");

    public void Dispose() => _guest.Dispose();
}
