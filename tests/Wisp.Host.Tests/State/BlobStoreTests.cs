using System.Security.Cryptography;
using System.Text;
using Wisp.Host.State;

namespace Wisp.Host.Tests.State;

public sealed class BlobStoreTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly DataFolder _folder;
    private readonly BlobStore _blobs;

    public BlobStoreTests()
    {
        _folder = DataFolder.Open(Path.Combine(_temp.Path, "data"));
        _blobs = new BlobStore(_folder);
    }

    [Fact]
    public void KeepsContentsUnderTheirDigest()
    {
        using StoreHold hold = _blobs.Hold();

        (string digest, long bytes) = Add("hello", hold);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("hello"u8)), digest);
        Assert.Equal(5, bytes);
        Assert.Equal("hello"u8, _blobs.Read(digest));
        Assert.Equal([digest], _blobs.All());
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_blobs.PathOf(digest)));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Incoming));
    }

    [Fact]
    public void DamageIsSeenAndMendedByTheSameContents()
    {
        using StoreHold hold = _blobs.Hold();
        string digest = Add("hello", hold).Digest;
        Damage(digest);

        Assert.False(_blobs.Check(digest));
        Assert.Throws<IOException>(() => _blobs.Read(digest));
        Add("hello", hold);
        Assert.True(_blobs.Check(digest));
    }

    [Fact]
    public void GoesWhenNobodyHoldsItAndNoVersionNamesIt()
    {
        string digest;
        using (StoreHold other = _blobs.Hold())
        {
            using (StoreHold hold = _blobs.Hold())
            {
                digest = Add("hello", hold).Digest;
                Add("hello", other);
            }

            Assert.Equal(0, _blobs.Collect([digest], _ => false));
        }

        Assert.Equal(0, _blobs.Collect([digest], _ => true));
        Assert.Equal(1, _blobs.Collect([digest], _ => false));
        Assert.Empty(_blobs.All());
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../../etc/passwd")]
    [InlineData("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824")]
    public void WhatIsNoDigestIsNoPath(string text) => Assert.Throws<ArgumentException>(() => _blobs.PathOf(text));

    public void Dispose()
    {
        _folder.Dispose();
        _temp.Dispose();
    }

    private (string Digest, long Bytes) Add(string text, StoreHold hold) => _blobs.Add(new MemoryStream(Encoding.UTF8.GetBytes(text)), hold);

    private void Damage(string digest)
    {
        File.SetUnixFileMode(_blobs.PathOf(digest), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(_blobs.PathOf(digest), "hellO");
    }
}
