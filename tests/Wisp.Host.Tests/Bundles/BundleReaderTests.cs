using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Wisp.Host.Bundles;

namespace Wisp.Host.Tests.Bundles;

public sealed class BundleReaderTests
{
    private static readonly BundleLimits Small = new() { UnpackedBytes = 100_000, Entries = 20, FreeBytes = 5_000, Ratio = 50 };

    private static readonly Gen<string> Name = Gen.String[Gen.Char["abcdefghijKLMNO0123-_ äß."], 1, 20].Array[1, 4].Select(parts => string.Join('/', parts))
        .Where(name => BundleName.FaultOf(name) is null);

    public static TheoryData<string> BadNames =>
    [
        "/etc/passwd", "..", "../up", "a/../../b", "a/./b", "a//b", "a/", "C:\\x", "a\\..\\b", "a\nb", "a\u001bb", "a\u007f",
        string.Concat(Enumerable.Repeat("d/", 40)) + "deep",
    ];

    [Fact]
    public void ReadsWhatTheWriterWrote() => Gen.Select(Name, Gen.Byte.Array[0, 3000]).Array[0, 8].Sample(files =>
    {
        var expected = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach ((string name, byte[] contents) in files)
        {
            if (!expected.Keys.Any(other => Clash(other, name)))
            {
                expected.TryAdd(name, contents);
            }
        }

        byte[] bundle = Write(expected);

        Assert.Equal(bundle, Write(expected));
        Assert.Equal(expected, Read(bundle, new BundleLimits()));
    }, iter: 100);

    [Fact]
    public void ReadsWhatTarWrites()
    {
        foreach (TarEntryFormat format in new[] { TarEntryFormat.Ustar, TarEntryFormat.Gnu })
        {
            byte[] bundle = Pack(tar =>
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "./"));
                tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "./site/"));
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "./site/a.txt") { DataStream = Text("hello") });
            }, format);
            Assert.Equal("hello"u8, Assert.Single(Read(bundle, Small), file => file.Key == "site/a.txt").Value);
        }
    }

    [Theory]
    [MemberData(nameof(BadNames))]
    public void NameThatLeavesTheFolderOrMeansTwoThingsIsRefused(string name) =>
        Assert.Throws<BundleException>(() => Read(Pack(tar => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name))), Small));

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    public void OnlyFilesAndFoldersAreTaken(TarEntryType type)
    {
        var entry = new UstarTarEntry(type, "x");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = "/etc/passwd";
        }

        Assert.Throws<BundleException>(() => Read(Pack(tar => tar.WriteEntry(entry)), Small));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "A")]
    [InlineData("a/b", "a")]
    [InlineData("a", "a/b")]
    [InlineData("A/x", "a/y")]
    [InlineData("ä", "Ä")]
    public void TwoNamesForOnePlaceAreRefused(string first, string second) => Assert.Throws<BundleException>(() => Read(Pack(tar =>
    {
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, first));
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, second));
    }), Small));

    [Fact]
    public void ExtendedHeadersAreRefused()
    {
        BundleException refused = Assert.Throws<BundleException>(() => Read(Pack(tar =>
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "x", [new("path", "../../x")]))), Small));
        Assert.Contains("--format=ustar", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BombIsRefusedBeforeItIsUnpacked()
    {
        int taken = 0;
        byte[] bundle = Pack(tar => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = new MemoryStream(new byte[90_000]) }));
        using var reader = new BundleReader(new MemoryStream(bundle), Small);

        Assert.Throws<BundleException>(() => reader.ReadAll((_, _, contents) =>
        {
            byte[] buffer = new byte[512];
            int count;
            while ((count = contents.Read(buffer)) > 0)
            {
                taken += count;
            }
        }));

        Assert.InRange(taken, 1, 60_000);
    }

    [Fact]
    public void LimitsHoldWhateverTheHeadersSay()
    {
        Assert.Throws<BundleException>(() => Read(Pack(tar => tar.WriteEntry(
            new UstarTarEntry(TarEntryType.RegularFile, "large") { DataStream = new MemoryStream(Noise(100_001)) })), Small));
        Assert.Throws<BundleException>(() => Read(Pack(tar =>
        {
            for (int i = 0; i < 21; i++)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{i}"));
            }
        }), Small));
        foreach ((int folders, bool isGood) in new[] { (19, true), (20, false) })
        {
            // One file; its folders have no entries of their own.
            byte[] deep = Pack(tar => tar.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, string.Concat(Enumerable.Repeat("d/", folders)) + "x")));
            Assert.Equal(isGood, Record.Exception(() => Read(deep, Small)) is not BundleException);
        }

        Assert.Throws<BundleException>(() => Read(Pack(tar => tar.WriteEntry(
            new UstarTarEntry(TarEntryType.RegularFile, "x") { DataStream = new MemoryStream(Noise(5000)) })), Small with { PackedBytes = 2000 }));

        // Says that it has 8 GiB - 1, the most that the field can say, and has nothing.
        byte[] block = new byte[TarHeader.BlockBytes];
        TarHeader.Write(block, "x", (8L << 30) - 1);
        Assert.Throws<BundleException>(() => Read(Zip(block), Small));
    }

    [Fact]
    public void TruncationIsRefusedUnlessEverythingIsThere()
    {
        var files = new SortedDictionary<string, byte[]> { ["site/a.txt"] = Noise(30), ["wisp.toml"] = Noise(700) };
        byte[] bundle = Write(files);
        int refused = 0;
        for (int length = 0; length < bundle.Length; length++)
        {
            try
            {
                // Without gzip's last bytes, its checksum, the archive may still be whole; the digest of the whole covers them.
                Assert.Equal(files, Read(bundle[..length], Small));
            }
            catch (BundleException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, bundle.Length - 20, bundle.Length);
    }

    [Fact]
    public void EveryTruncationOfTheArchiveIsRefused()
    {
        byte[] tar = Unzip(Write(new SortedDictionary<string, byte[]> { ["wisp.toml"] = Noise(700), ["a"] = Noise(512) }));
        for (int length = 0; length < tar.Length; length++)
        {
            Assert.Throws<BundleException>(() => Read(Zip(tar.AsSpan(0, length)), Small));
        }
    }

    [Fact]
    public void ChangedBytesOfHeadersDoNoHarm() => Gen.Select(Gen.Int[0, 511], Gen.Byte).Sample((at, value) =>
    {
        byte[] tar = Unzip(Write(new SortedDictionary<string, byte[]> { ["wisp.toml"] = Noise(700), ["b/c"] = Noise(10) }));
        tar[at] = value;
        try
        {
            Assert.All(Read(Zip(tar), Small).Keys, name => Assert.Null(BundleName.FaultOf(name)));
        }
        catch (BundleException)
        {
            // What is no bundle is refused with this alone.
        }
    }, iter: 500);

    [Fact]
    public void NoiseIsRefused() => Gen.Byte.Array[0, 2000].Sample(bytes =>
    {
        Assert.Throws<BundleException>(() => Read(bytes, Small));
        Assert.Throws<BundleException>(() => Read(Zip(bytes), Small));
    }, iter: 200);

    private static bool Clash(string one, string other) => one.Split('/')[0].Equals(other.Split('/')[0], StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, byte[]> Read(byte[] bundle, BundleLimits limits)
    {
        var files = new Dictionary<string, byte[]>();
        using var reader = new BundleReader(new MemoryStream(bundle), limits);
        reader.ReadAll((name, bytes, contents) =>
        {
            using var copy = new MemoryStream();
            contents.CopyTo(copy);
            Assert.Equal(bytes, copy.Length);
            files.Add(name, copy.ToArray());
        });
        return files;
    }

    private static byte[] Write(SortedDictionary<string, byte[]> files)
    {
        var target = new MemoryStream();
        using (var writer = new BundleWriter(target))
        {
            foreach ((string name, byte[] contents) in files)
            {
                writer.Add(name, new MemoryStream(contents), contents.Length);
            }

            writer.Finish();
        }

        return target.ToArray();
    }

    private static byte[] Pack(Action<TarWriter> write, TarEntryFormat format = TarEntryFormat.Ustar)
    {
        var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, format, leaveOpen: true))
        {
            write(tar);
        }

        return Zip(archive.ToArray());
    }

    private static byte[] Zip(ReadOnlySpan<byte> bytes)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Unzip(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        var target = new MemoryStream();
        gzip.CopyTo(target);
        return target.ToArray();
    }

    private static byte[] Noise(int bytes)
    {
        byte[] noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
