using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

public sealed class DescriptorTests : IDisposable
{
    private const Rights ReadWrite = Rights.FdRead | Rights.FdWrite | Rights.FdSeek | Rights.FdFilestatGet;

    private readonly TestGuest _guest = new();

    [Fact]
    public void NewDescriptorsGetTheLowestFreeNumber()
    {
        uint[] opened = [.. Enumerable.Range(0, 20).Select(i => _guest.MustOpen("f" + i, OFlags.Create))];
        Assert.Equal(Enumerable.Range(4, 20).Select(i => (uint)i), opened);
        Assert.Equal(Errno.Success, _guest.Wasi.FdClose(_guest.View, 9));
        Assert.Equal(Errno.Success, _guest.Wasi.FdClose(_guest.View, 5));
        Assert.Equal(5u, _guest.MustOpen("f1"));
        Assert.Equal(9u, _guest.MustOpen("f1"));
        Assert.Equal(24u, _guest.MustOpen("f1"));
    }

    [Fact]
    public void OpenFilesAreLimited()
    {
        using TestGuest guest = new(grants: grant => Assert.True(grant.TryAddFlag("limit", "files=6", out _)));
        guest.MustOpen("a", OFlags.Create);
        guest.MustOpen("a");
        Assert.Equal(Errno.Mfile, guest.Open("a", out _));
        Assert.Equal(Errno.Success, guest.Wasi.FdClose(guest.View, 4));
        guest.MustOpen("a");
    }

    [Fact]
    public void RenumberMovesAndCloses()
    {
        uint one = _guest.MustOpen("one", OFlags.Create, ReadWrite);
        uint two = _guest.MustOpen("two", OFlags.Create, ReadWrite);
        Assert.Equal(Errno.Success, _guest.Write(one, "text"));
        Assert.Equal(Errno.Success, _guest.Wasi.FdRenumber(_guest.View, one, two));
        Assert.Equal(Errno.Badf, _guest.Write(one, "more"));
        Assert.Equal(Errno.Success, _guest.Write(two, " more"));
        Assert.Equal("text more", File.ReadAllText(Path.Combine(_guest.Folder, "one")));
        Assert.Equal(Errno.Badf, _guest.Wasi.FdRenumber(_guest.View, two, 99));
        Assert.Equal(Errno.Badf, _guest.Wasi.FdRenumber(_guest.View, 99, two));
        Assert.Equal(Errno.Success, _guest.Wasi.FdRenumber(_guest.View, two, two));
    }

    [Fact]
    public void PreopensAreNamedUntilRenumbered()
    {
        Assert.Equal(Errno.Success, _guest.Wasi.FdPrestatGet(_guest.View, TestGuest.Root, TestGuest.At));
        Assert.Equal(1UL << 32, _guest.LongResult);
        Assert.Equal(Errno.Success, _guest.Wasi.FdPrestatDirName(_guest.View, TestGuest.Root, 512, 1));
        Assert.Equal((byte)'/', _guest.Memory[512]);
        Assert.Equal(Errno.Nametoolong, _guest.Wasi.FdPrestatDirName(_guest.View, TestGuest.Root, 512, 0));
        uint directory = _guest.MustOpen(".", OFlags.Directory, Rights.None);
        Assert.Equal(Errno.Badf, _guest.Wasi.FdPrestatGet(_guest.View, directory, TestGuest.At));
        Assert.Equal(Errno.Success, _guest.Wasi.FdRenumber(_guest.View, directory, TestGuest.Root));
        Assert.Equal(Errno.Badf, _guest.Wasi.FdPrestatGet(_guest.View, TestGuest.Root, TestGuest.At));
    }

    [Fact]
    public void RightsAreInheritedAndOnlyShrink()
    {
        Assert.Equal(Errno.Success, _guest.MakeDirectory("dir"));
        Assert.Equal(Errno.Success, _guest.Open("dir", out uint directory, OFlags.Directory,
            Rights.PathOpen | Rights.PathCreateFile, inheriting: Rights.FdRead));
        Assert.Equal(Errno.Notcapable, _guest.Open("f", out _, OFlags.Create, Rights.FdWrite, directory));
        Assert.Equal(Errno.Success, _guest.Open("f", out uint file, OFlags.Create, Rights.FdRead, directory));
        Assert.Equal(Errno.Notcapable, _guest.Write(file, "text"));
        Assert.Equal(Errno.Notcapable, _guest.Wasi.FdFdstatSetRights(_guest.View, file, (ulong)Rights.FdWrite, 0));
        Assert.Equal(Errno.Success, _guest.Wasi.FdFdstatSetRights(_guest.View, file, 0, 0));
        Assert.Equal(Errno.Notcapable, _guest.Read(file, 1, out _));
        Assert.Equal(Errno.Notcapable, _guest.Open("f", out _, OFlags.Truncate, Rights.None, directory));
    }

    [Fact]
    public void PathForDenialsDoesNotGrowForEver()
    {
        uint directory = TestGuest.Root;
        for (int i = 0; i < 20; i++)
        {
            string path = string.Concat(Enumerable.Repeat("./", 500));
            Assert.Equal(Errno.Success,
                _guest.Open(path, out uint next, OFlags.Directory, Rights.Directory, directory));
            directory = next;
        }

        Assert.Equal(Errno.Notcapable, _guest.Open("../..", out _, from: directory));
        Assert.InRange(_guest.Denials[0].Action.Length, 1, 300);
        Assert.Equal(Errno.Success, _guest.Open("f", out _, OFlags.Create, from: directory));
    }

    [Fact]
    public void DirectoryNeverHasTheRightToSeek()
    {
        uint directory = _guest.MustOpen(".", OFlags.Directory, Rights.FdSeek | Rights.FdReaddir);
        Assert.Equal(Errno.Success, _guest.Wasi.FdFdstatGet(_guest.View, directory, TestGuest.At));
        Assert.Equal((ulong)Rights.FdReaddir, BitConverter.ToUInt64(_guest.Memory[((int)TestGuest.At + 8)..]));
        Assert.Equal(Errno.Isdir, _guest.Wasi.FdSeek(_guest.View, directory, 0, 1, TestGuest.At));
    }

    [Fact]
    public void AppendFlagMovesEachWriteToTheEnd()
    {
        Rights rights = ReadWrite | Rights.FdFdstatSetFlags;
        Assert.Equal(Errno.Success, _guest.Open("f", out uint fd, OFlags.Create, rights, flags: FdFlags.Append));
        Assert.Equal(Errno.Success, _guest.Write(fd, "ab"));
        Assert.Equal(Errno.Success, _guest.Wasi.FdSeek(_guest.View, fd, 0, (uint)Whence.Set, TestGuest.At));
        Assert.Equal(Errno.Success, _guest.Write(fd, "cd"));
        Assert.Equal(Errno.Success, _guest.Wasi.FdFdstatSetFlags(_guest.View, fd, 0));
        Assert.Equal(Errno.Success, _guest.Wasi.FdSeek(_guest.View, fd, 0, (uint)Whence.Set, TestGuest.At));
        Assert.Equal(Errno.Success, _guest.Write(fd, "x"));
        Assert.Equal("xbcd", File.ReadAllText(Path.Combine(_guest.Folder, "f")));
        Assert.Equal(Errno.Notsup, _guest.Wasi.FdFdstatSetFlags(_guest.View, fd, (uint)FdFlags.Sync));
        Assert.Equal(Errno.Inval, _guest.Wasi.FdFdstatSetFlags(_guest.View, fd, 1 << 10));
    }

    [Fact]
    public void SeekNumbersOfUnstableDiffer()
    {
        uint fd = _guest.MustOpen("f", OFlags.Create, ReadWrite);
        Assert.Equal(Errno.Success, _guest.Write(fd, "0123456789"));
        Assert.Equal(Errno.Success, _guest.Wasi.FdSeekUnstable(_guest.View, fd, 2, 2, TestGuest.At));
        Assert.Equal(2UL, _guest.LongResult);
        Assert.Equal(Errno.Success, _guest.Wasi.FdSeekUnstable(_guest.View, fd, 3, 0, TestGuest.At));
        Assert.Equal(5UL, _guest.LongResult);
        Assert.Equal(Errno.Success, _guest.Wasi.FdSeekUnstable(_guest.View, fd, unchecked((ulong)-1), 1, TestGuest.At));
        Assert.Equal(9UL, _guest.LongResult);
        Assert.Equal(Errno.Inval, _guest.Wasi.FdSeekUnstable(_guest.View, fd, 0, 3, TestGuest.At));
        Assert.Equal(Errno.Inval, _guest.Wasi.FdSeek(_guest.View, fd, unchecked((ulong)-100), 1, TestGuest.At));
    }

    [Fact]
    public void AttributesOfUnstableAreShorter()
    {
        uint fd = _guest.MustOpen("f", OFlags.Create, ReadWrite);
        Assert.Equal(Errno.Success, _guest.Write(fd, "12345"));
        Assert.Equal(Errno.Success, _guest.Wasi.FdFilestatGet(_guest.View, fd, 512));
        Assert.Equal(Errno.Success, _guest.Wasi.FdFilestatGetUnstable(_guest.View, fd, 768));
        Assert.Equal(1UL, BitConverter.ToUInt64(_guest.Memory[(512 + 24)..]));
        Assert.Equal(5UL, BitConverter.ToUInt64(_guest.Memory[(512 + 32)..]));
        Assert.Equal(1u, BitConverter.ToUInt32(_guest.Memory[(768 + 20)..]));
        Assert.Equal(5UL, BitConverter.ToUInt64(_guest.Memory[(768 + 24)..]));
        Assert.True(_guest.Memory[512..532].SequenceEqual(_guest.Memory[768..788]));
        Assert.True(_guest.Memory[(512 + 40)..(512 + 64)].SequenceEqual(_guest.Memory[(768 + 32)..(768 + 56)]));
    }

    [Fact]
    public void TimesAreSetToTheNanosecond()
    {
        uint fd = _guest.MustOpen("f", OFlags.Create, ReadWrite | Rights.FdFilestatSetTimes);
        const ulong Time = 1_700_000_000_123_456_789;
        Assert.Equal(Errno.Success,
            _guest.Wasi.FdFilestatSetTimes(_guest.View, fd, 0, Time, (uint)FstFlags.ModifyTime));
        Assert.Equal(Errno.Success, _guest.Wasi.FdFilestatGet(_guest.View, fd, 512));
        Assert.Equal(Time, BitConverter.ToUInt64(_guest.Memory[(512 + 48)..]));
        Assert.NotEqual(0UL, BitConverter.ToUInt64(_guest.Memory[(512 + 40)..]));
        Assert.Equal(Errno.Success, _guest.SetTimes("f", Time + 1));
        Assert.Equal(Errno.Success, _guest.Wasi.FdFilestatGet(_guest.View, fd, 512));
        Assert.Equal(Time + 1, BitConverter.ToUInt64(_guest.Memory[(512 + 48)..]));
        Assert.Equal(Errno.Inval, _guest.SetTimes("f", 0, FstFlags.ModifyTime | FstFlags.ModifyNow));
        Assert.Equal(Errno.Inval, _guest.SetTimes("f", 0, (FstFlags)64));
    }

    [Fact]
    public void ResultsOutsideTheMemoryFaultAndLoseNothing()
    {
        uint fd = _guest.MustOpen("f", OFlags.Create, ReadWrite);
        uint iovecs = _guest.PutIovecs("text");
        Assert.Equal(Errno.Fault, TestGuest.AtOnce(_guest.Wasi.FdWrite(_guest.Call, fd, iovecs, 1, uint.MaxValue - 3)));
        Assert.Equal(Errno.Fault,
            TestGuest.AtOnce(_guest.Wasi.FdWrite(_guest.Call, fd, uint.MaxValue - 7, 1, TestGuest.At)));
        Assert.Equal(Errno.Inval, TestGuest.AtOnce(_guest.Wasi.FdWrite(_guest.Call, fd, iovecs, 1025, TestGuest.At)));
        Assert.Equal(0, new FileInfo(Path.Combine(_guest.Folder, "f")).Length);
        (uint path, uint length) = _guest.Put("new");
        Assert.Equal(Errno.Fault, _guest.Wasi.PathOpen(_guest.View, 3, 0, path, length, 1, 0, 0, 0, uint.MaxValue));
        Assert.False(File.Exists(Path.Combine(_guest.Folder, "new")));
    }

    [Fact]
    public void BuffersAreScatteredAndGatheredInOrder()
    {
        uint fd = _guest.MustOpen("f", OFlags.Create, ReadWrite);
        Assert.Equal(Errno.Success, _guest.Write(fd, "ab", "", "cde", new string('x', 9000), "f"));
        Assert.Equal(9006u, _guest.Result);
        Assert.Equal("abcde" + new string('x', 9000) + "f", File.ReadAllText(Path.Combine(_guest.Folder, "f")));
        uint iovecs = _guest.PutIovecs("--", "", "---");
        Assert.Equal(Errno.Success, _guest.Wasi.FdPread(_guest.View, fd, iovecs, 3, 1, TestGuest.At));
        Assert.Equal(5u, _guest.Result);
        Assert.Equal("bcdex", _guest.LastRead());
        iovecs = _guest.PutIovecs("12", "34");
        Assert.Equal(Errno.Success, _guest.Wasi.FdPwrite(_guest.View, fd, iovecs, 2, 1, TestGuest.At));
        Assert.StartsWith("a1234xx", File.ReadAllText(Path.Combine(_guest.Folder, "f")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(99u)]
    public void FileFunctionsFailOnWhatIsNoFile(uint fd)
    {
        Errno expected = fd == 99 ? Errno.Badf : Errno.Spipe;
        Assert.Equal(expected, _guest.Wasi.FdTell(_guest.View, fd, TestGuest.At));
        Assert.Equal(expected, _guest.Wasi.FdAllocate(_guest.View, fd, 0, 1));
        Assert.Equal(expected, _guest.Wasi.FdPread(_guest.View, fd, 0, 0, 0, TestGuest.At));
        Assert.Equal(fd == 99 ? Errno.Badf : Errno.Notdir, _guest.Open("x", out _, from: fd));
        Assert.Equal(fd == 99 ? Errno.Badf : Errno.Notsock, _guest.Wasi.SockShutdown(_guest.View, fd, 1));
    }

    public void Dispose() => _guest.Dispose();
}
