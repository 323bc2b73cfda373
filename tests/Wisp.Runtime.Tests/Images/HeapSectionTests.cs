using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Images;

public sealed class HeapSectionTests
{
    private const int DataBytes = 20_000;
    private const int DataAt = 70_000;

    [Fact]
    public void HoldsTheActiveSegmentsAndTheModuleDoesNot()
    {
        using var guest = new Guest();
        CodeImage image = CodeImage.Read(Image(guest), "heap");

        HeapRun run = Assert.Single(image.HeapRuns.ToArray());
        Assert.Equal(new HeapRun(DataAt & -VmLayout.PageBytes, (uint)(image.Heap.Length / VmLayout.PageBytes), 0), run);
        Assert.Equal(0, image.HeapOffset % VmLayout.PageBytes);
        Assert.Equal(0, image.Heap.Length % VmLayout.PageBytes);
        ReadOnlySpan<byte> data = image.Heap.Span[(int)(DataAt - (long)run.Address)..];
        Assert.True(data.StartsWith("data starts here "u8));
        Assert.Equal((byte)'x', data[DataBytes - 1]);
        Assert.False(data[DataBytes..].ContainsAnyExcept((byte)0));
        Assert.True(image.Module.Length < 1000, $"{image.Module.Length} bytes of module");
        WasmModule module = Wasm.Binary.ModuleDecoder.DecodeWithoutCode(image.Module);
        Assert.Equal([0, 7], module.Data.Select(segment => segment.BytesLength));
    }

    [Fact]
    public void PassiveSegmentsStay()
    {
        using var guest = new Guest();
        using var module = Module.FromImage(guest.Engine, Image(guest));
        Instance instance = guest.Linker.Instantiate(guest.Store, module);

        instance.GetFunction("init")!.Invoke();

        Assert.True(instance.GetMemory("memory")!.Span.StartsWith("passive"u8));
    }

    /// <summary>With the checksum made right again, nothing but the checks of the heap stands between it and other memory.</summary>
    [Theory]
    [InlineData(1L)]                 // not a page
    [InlineData(0x40000L)]           // starts at the memory's end
    [InlineData(0x3c000L)]           // ends behind it
    [InlineData(1L << 31)]
    [InlineData(1L << 32)]
    [InlineData(-4096L)]             // below the memory
    [InlineData(long.MinValue)]
    public void HeapOutsideTheMemoryIsRefused(long start)
    {
        using var guest = new Guest();
        byte[] bytes = Image(guest);
        Span<HeapRun> runs = Runs(bytes);
        runs[0] = runs[0] with { Address = (ulong)start };

        Assert.Equal(ImageFault.Damaged, Refusal(guest, bytes).Fault);
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(1u, 0u)]
    [InlineData(1u << 20, 0u)]
    [InlineData(uint.MaxValue, 0u)]
    [InlineData(5u, 1u)]             // another memory
    [InlineData(5u, uint.MaxValue)]
    public void RunOfOtherPagesOrAnotherMemoryIsRefused(uint pages, uint memory)
    {
        using var guest = new Guest();
        byte[] bytes = Image(guest);
        Span<HeapRun> runs = Runs(bytes);
        runs[0] = runs[0] with { Pages = pages == 5 ? runs[0].Pages : pages, Memory = memory };

        Assert.Equal(ImageFault.Damaged, Refusal(guest, bytes).Fault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(VmLayout.PageBytes)]
    [InlineData(1 << 20)]
    public void HeapElsewhereInTheFileIsRefused(int shift)
    {
        using var guest = new Guest();
        byte[] bytes = Image(guest);
        Span<byte> entry = HeapEntry(bytes)[ImageFormat.EntryOffsetAt..];
        BinaryPrimitives.WriteInt64LittleEndian(entry, BinaryPrimitives.ReadInt64LittleEndian(entry) + shift);

        Assert.Equal(ImageFault.Damaged, Refusal(guest, bytes).Fault);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-VmLayout.PageBytes)]
    [InlineData(VmLayout.PageBytes)]
    [InlineData(int.MaxValue)]
    public void HeapOfAnotherLengthIsRefused(int change)
    {
        using var guest = new Guest();
        byte[] bytes = Image(guest);
        Span<byte> entry = HeapEntry(bytes)[ImageFormat.EntryLengthAt..];
        BinaryPrimitives.WriteInt64LittleEndian(entry, BinaryPrimitives.ReadInt64LittleEndian(entry) + change);

        Assert.Equal(ImageFault.Damaged, Refusal(guest, bytes).Fault);
    }

    [Fact]
    public void HeapThatIsNotWholePagesIsRefused()
    {
        using var guest = new Guest();
        byte[] bytes = Image(guest)[..^1];
        Span<byte> length = HeapEntry(bytes)[ImageFormat.EntryLengthAt..];
        BinaryPrimitives.WriteInt64LittleEndian(length, BinaryPrimitives.ReadInt64LittleEndian(length) - 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(ImageFormat.FileLengthAt), bytes.Length);

        Assert.Contains("whole pages", Refusal(guest, bytes).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PrefixesAndChangedBytesAreRefused()
    {
        using var guest = new Guest();
        byte[] bytes = Image(guest);
        for (int at = 0; at < bytes.Length; at += 5)
        {
            Assert.Throws<ImageException>(() => CodeImage.Read(bytes.AsMemory(0, at), "cut"));
            bytes[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<ImageException>(() => CodeImage.Read(bytes, "changed"));
            bytes[at] ^= (byte)(1 << (at % 8));
        }

        CodeImage.Read(bytes, "as it was");
    }

    [Fact]
    public void IsMappedFromTheFileAndPrivateToEachInstance()
    {
        using var guest = new Guest();
        string folder = Directory.CreateTempSubdirectory("wisp-heap").FullName;
        try
        {
            string path = Path.Combine(folder, "heap.wisp");
            byte[] bytes = Image(guest);
            File.WriteAllBytes(path, bytes);
            using (var module = Module.FromImage(guest.Engine, path))
            {
                File.Delete(path);
                for (int round = 0; round < 3; round++)
                {
                    using var one = new Store(guest.Engine);
                    using var two = new Store(guest.Engine);
                    Span<byte> first = guest.Linker.Instantiate(one, module).GetMemory("memory")!.Span;
                    Span<byte> second = guest.Linker.Instantiate(two, module).GetMemory("memory")!.Span;
                    Assert.Contains(File.ReadAllLines("/proc/self/maps"), static line =>
                        line.Contains("rw-p", StringComparison.Ordinal) && line.Contains("heap.wisp", StringComparison.Ordinal));

                    first.Fill(1);

                    Assert.True(second[DataAt..].StartsWith("data starts here "u8));
                    Assert.Equal(DataBytes, second.Length - second.Count((byte)0));
                }
            }

            Assert.DoesNotContain("rw-p", Maps("heap.wisp"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void LittleOrScatteredDataIsCopied()
    {
        using var guest = new Guest();
        Assert.Null(guest.Compile("""(module (memory 1) (data (i32.const 0) "little"))""").HeapImage);
        string half = new('x', DataBytes / 2);
        Assert.Null(guest.Compile(
            $"(module (memory 100) (data (i32.const 0) \"{half}\") (data (i32.const 6000000) \"{half}\"))").HeapImage);
    }

    [Fact]
    public void IsMadeFromLengthsWrittenInMoreBytesThanNeeded()
    {
        using var guest = new Guest();
        byte[] data = [.. Enumerable.Repeat((byte)'y', DataBytes)];
        byte[] segment = [0x00, 0x41, 0x10, 0x0b, 0xa0, 0x9c, 0x81, 0x80, 0x00, .. data];   // 20,000 in five bytes
        byte[] wasm =
        [
            0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
            0x05, 0x03, 0x01, 0x00, 0x01,
            0x07, 0x0a, 0x01, 0x06, .. "memory"u8, 0x02, 0x00,
            0x0b, .. Length(1 + segment.Length), 0x01, .. segment,
        ];
        using var module = Module.Compile(guest.Engine, wasm);

        Assert.NotNull(module.HeapImage);
        Span<byte> memory = guest.Linker.Instantiate(guest.Store, module).GetMemory("memory")!.Span;
        Assert.Equal(DataBytes, memory.Count((byte)'y'));
        Assert.Equal(16, memory.IndexOf((byte)'y'));
    }

    private static byte[] Length(int value) =>
        [(byte)(value | 0x80), (byte)((value >> 7) | 0x80), (byte)(value >> 14)];

    private static string Maps(string name) => string.Join(
        '\n', File.ReadAllLines("/proc/self/maps").Where(line => line.Contains(name, StringComparison.Ordinal)));

    private static Span<byte> HeapEntry(byte[] bytes) => bytes.AsSpan(
        ImageFormat.SectionTableAt + ((int)ImageSection.Heap * ImageFormat.SectionEntryBytes), ImageFormat.SectionEntryBytes);

    private static Span<HeapRun> Runs(byte[] bytes)
    {
        int at = ImageFormat.SectionTableAt + ((int)ImageSection.Runs * ImageFormat.SectionEntryBytes);
        int offset = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + ImageFormat.EntryOffsetAt));
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + ImageFormat.EntryLengthAt));
        return MemoryMarshal.Cast<byte, HeapRun>(bytes.AsSpan(offset, length));
    }

    private static ImageException Refusal(Guest guest, byte[] bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ImageFormat.ChecksumAt), CodeImage.Checksum(bytes));
        return Assert.Throws<ImageException>(() => Module.FromImage(guest.Engine, bytes));
    }

    private static byte[] Image(Guest guest)
    {
        var text = new StringBuilder("data starts here ");
        text.Append('x', DataBytes - text.Length);
        return guest.Compile($"""
            (module
              (memory (export "memory") 4)
              (data (i32.const {DataAt}) "{text}")
              (data $passive "passive")
              (func (export "init") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 7))))
            """).ToImage();
    }
}
