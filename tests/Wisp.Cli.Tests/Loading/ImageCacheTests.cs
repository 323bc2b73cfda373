using Wisp.Abi;
using Wisp.Cli.Loading;

namespace Wisp.Cli.Tests.Loading;

public sealed class ImageCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-cache-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FindsWhatWasStored()
    {
        var cache = new ImageCache(_folder);
        Assert.Null(cache.Find("a"));

        Assert.Null(cache.Store("a", "image"u8));

        Assert.Equal("image", File.ReadAllText(cache.Find("a")!));
    }

    [Fact]
    public void RemovedImageIsGone()
    {
        var cache = new ImageCache(_folder);
        cache.Store("a", "image"u8);

        cache.Remove("a");

        Assert.Null(cache.Find("a"));
        cache.Remove("a");
    }

    [Fact]
    public void KeyCoversModuleAndOptions()
    {
        var options = new CodeOptions(CpuFeatures.Avx, BoundsMode.Guarded);
        string[] keys =
        [
            ImageCache.KeyOf("one"u8, options),
            ImageCache.KeyOf("two"u8, options),
            ImageCache.KeyOf("one"u8, options with { Bounds = BoundsMode.Explicit }),
            ImageCache.KeyOf("one"u8, options with { Features = CpuFeatures.None }),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], ImageCache.KeyOf("one"u8, options));
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{32}$", key));
    }

    [Fact]
    public void FolderIsForItsOwnerAlone()
    {
        string folder = Path.Combine(_folder, "new", "images");

        new ImageCache(folder).Store("a", "image"u8);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void OldestImagesAreEvictedPastTheLimit()
    {
        var cache = new ImageCache(_folder, maxBytes: 250);
        for (int i = 0; i < 4; i++)
        {
            cache.Store($"{i}", new byte[100]);
            File.SetLastWriteTimeUtc(Path.Combine(_folder, $"{i}.wisp"), DateTime.UtcNow.AddDays(i - 10));
        }

        cache.Store("last", new byte[100]);

        Assert.Null(cache.Find("0"));
        Assert.Null(cache.Find("2"));
        Assert.NotNull(cache.Find("3"));
        Assert.NotNull(cache.Find("last"));
    }

    [Fact]
    public void UsingAnImageKeepsItFromEviction()
    {
        var cache = new ImageCache(_folder, maxBytes: 250);
        cache.Store("used", new byte[100]);
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "used.wisp"), DateTime.UtcNow.AddDays(-10));
        cache.Store("idle", new byte[100]);
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "idle.wisp"), DateTime.UtcNow.AddDays(-1));

        cache.Find("used");
        cache.Store("new", new byte[100]);

        Assert.NotNull(cache.Find("used"));
        Assert.Null(cache.Find("idle"));
    }

    [Fact]
    public void LeftoversOfKilledProcessesAreDeleted()
    {
        string leftover = Path.Combine(_folder, "new-1-1");
        File.WriteAllText(leftover, "half an image");
        File.SetLastWriteTimeUtc(leftover, DateTime.UtcNow.AddHours(-2));

        new ImageCache(_folder).Store("a", "image"u8);

        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public void FolderThatCannotBeWrittenIsAReasonAndNoFailure()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "in the way");

        Assert.NotNull(new ImageCache(Path.Combine(file, "images")).Store("a", "image"u8));
    }

    [Fact]
    public void ManyWritersOfOneKeyLeaveAWholeImage()
    {
        byte[] image = new byte[100_000];
        Random.Shared.NextBytes(image);

        Parallel.For(0, 32, _ =>
        {
            var cache = new ImageCache(_folder);
            Assert.Null(cache.Store("a", image));
            Assert.Equal(image, File.ReadAllBytes(cache.Find("a")!));
        });

        Assert.Equal(["a.wisp"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }
}
