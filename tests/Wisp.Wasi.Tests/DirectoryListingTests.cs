using System.Text;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

public sealed class DirectoryListingTests : IDisposable
{
    private const uint Buffer = 4096;

    private readonly TestGuest _guest = new();

    [Theory]
    [InlineData(64u)]
    [InlineData(100u)]
    [InlineData(4096u)]
    [InlineData(65536u)]
    public void ListsEachEntryOnceWhateverTheBuffer(uint length)
    {
        for (int i = 0; i < 300; i++)
        {
            File.WriteAllText(Path.Combine(_guest.Folder, $"file-{i:d3}"), "");
        }

        List<string> names = [.. List(length, _ => { })];
        Assert.Equal(302, names.Count);
        Assert.Equal(302, names.Distinct().Count());
        Assert.Contains("..", names);
    }

    [Fact]
    public void CookiesHoldWhileEntriesComeAndGo()
    {
        for (int i = 0; i < 200; i++)
        {
            File.WriteAllText(Path.Combine(_guest.Folder, $"stays-{i:d3}"), "");
            File.WriteAllText(Path.Combine(_guest.Folder, $"goes-{i:d3}"), "");
        }

        int call = 0;
        List<string> names = [.. List(200, _ =>
        {
            File.Delete(Path.Combine(_guest.Folder, $"goes-{call % 200:d3}"));
            File.WriteAllText(Path.Combine(_guest.Folder, $"new-{call:d3}"), "");
            call++;
        })];
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(200, names.Count(name => name.StartsWith("stays-", StringComparison.Ordinal)));
    }

    [Fact]
    public void EarlierCookieGoesBack()
    {
        File.WriteAllText(Path.Combine(_guest.Folder, "file"), "");
        List<(string Name, ulong Next)> all = Read(0, 4096, out _);
        Assert.Equal(3, all.Count);
        Assert.Equal(all[2].Name, Assert.Single(Read(all[1].Next, 4096, out _)).Name);
        Assert.Equal(all.Select(entry => entry.Name), Read(0, 4096, out _).Select(entry => entry.Name));
        Assert.Empty(Read(all[2].Next, 4096, out _));
    }

    [Fact]
    public void ParentOfTheGrantedDirectoryIsNotTold()
    {
        Read(0, 4096, out ulong parentInode);
        Assert.Equal(0UL, parentInode);
    }

    [Fact]
    public void FilesAreNotListed()
    {
        uint fd = _guest.MustOpen("f", OFlags.Create, Rights.FdReaddir);
        Assert.Equal(Errno.Notdir, _guest.Wasi.FdReaddir(_guest.View, fd, Buffer, 100, 0, TestGuest.At));
        Assert.Equal(Errno.Fault,
            _guest.Wasi.FdReaddir(_guest.View, TestGuest.Root, uint.MaxValue, 100, 0, TestGuest.At));
    }

    private IEnumerable<string> List(uint length, Action<ulong> between)
    {
        ulong cookie = 0;
        while (true)
        {
            List<(string Name, ulong Next)> entries = Read(cookie, length, out _);
            foreach ((string name, ulong next) in entries)
            {
                cookie = next;
                yield return name;
            }

            if (_guest.Result < length)
            {
                yield break;
            }

            Assert.NotEmpty(entries);
            between(cookie);
        }
    }

    private List<(string Name, ulong Next)> Read(ulong cookie, uint length, out ulong parentInode)
    {
        parentInode = 0;
        Assert.Equal(Errno.Success,
            _guest.Wasi.FdReaddir(_guest.View, TestGuest.Root, Buffer, length, cookie, TestGuest.At));
        ReadOnlySpan<byte> bytes = _guest.Memory.Slice((int)Buffer, (int)_guest.Result);
        List<(string, ulong)> entries = [];
        while (bytes.Length >= Layouts.DirentBytes)
        {
            int nameLength = BitConverter.ToInt32(bytes[16..]);
            if (bytes.Length < Layouts.DirentBytes + nameLength)
            {
                break;
            }

            string name = Encoding.UTF8.GetString(bytes.Slice(Layouts.DirentBytes, nameLength));
            parentInode = name == ".." ? BitConverter.ToUInt64(bytes[8..]) : parentInode;
            entries.Add((name, BitConverter.ToUInt64(bytes)));
            bytes = bytes[(Layouts.DirentBytes + nameLength)..];
        }

        return entries;
    }

    public void Dispose() => _guest.Dispose();
}
