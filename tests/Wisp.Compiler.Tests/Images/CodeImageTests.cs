using System.Buffers.Binary;
using System.IO.Hashing;
using Wisp.Abi;
using Wisp.Abi.Images;

namespace Wisp.Compiler.Tests.Images;

public sealed class CodeImageTests
{
    [Fact]
    public void HasWhatWasWritten()
    {
        CodeImage image = CodeImage.Read(SampleImage.Bytes(), "sample");

        Assert.Equal(CodeFingerprint.Current, image.Fingerprint);
        Assert.Equal(new CodeOptions(CpuFeatures.Bmi1 | CpuFeatures.Avx | CpuFeatures.PaddedJumps, BoundsMode.Explicit), image.Options);
        Assert.Equal(1, image.ImportedFunctionCount);
        Assert.Equal(XxHash128.HashToUInt128(SampleImage.Module), image.SourceHash);
        Assert.Equal(
            [new FunctionEntry(0, 11, 16), new FunctionEntry(16, 5, 8), new FunctionEntry(64, 45, 4096)], image.Functions.ToArray());
        Assert.Equal(
            [
                new TrapEntry(16, 34, (uint)TrapCode.Unreachable),
                new TrapEntry(19, 35, (uint)TrapCode.IntegerOverflow),
                new TrapEntry(71, 37, (uint)TrapCode.MemoryOutOfBounds),
            ],
            image.Traps.ToArray());
        Assert.Equal([new CallEntry(5, 31), new CallEntry(10, 33), new CallEntry(109, 38)], image.Calls.ToArray());
        Assert.Equal([1, 3], image.EscapingFunctions.ToArray());
    }

    [Fact]
    public void StripsTheCodeSectionAndNothingElse()
    {
        CodeImage image = CodeImage.Read(SampleImage.Bytes(), "sample");

        byte[] expected = [.. SampleImage.Module[..29], .. SampleImage.Module[41..]];
        Assert.Equal(expected, image.Module.ToArray());
    }

    [Fact]
    public void TextIsPageAlignedAndPaddedWithBreakpoints()
    {
        CodeImage image = CodeImage.Read(SampleImage.Bytes(), "sample");

        Assert.Equal(0, image.TextStart % VmLayout.PageBytes);
        Assert.All(image.Text[11..16].ToArray(), padding => Assert.Equal(0xcc, padding));
    }

    [Fact]
    public void CallsReachTheirFunctions()
    {
        CodeImage image = CodeImage.Read(SampleImage.Bytes(), "sample");

        Assert.Equal(64 - 5, BinaryPrimitives.ReadInt32LittleEndian(image.Text[1..]));
        Assert.Equal(0 - 10, BinaryPrimitives.ReadInt32LittleEndian(image.Text[6..]));
        Assert.Equal(16 - 109, BinaryPrimitives.ReadInt32LittleEndian(image.Text[105..]));
    }

    [Fact]
    public void LookupsFindExactSitesOnly()
    {
        CodeImage image = CodeImage.Read(SampleImage.Bytes(), "sample");

        Assert.True(image.TryFindTrap(19, out TrapEntry trap));
        Assert.Equal((uint)TrapCode.IntegerOverflow, trap.Code);
        Assert.False(image.TryFindTrap(18, out _));
        Assert.True(image.TryFindCall(109, out CallEntry call));
        Assert.Equal(38u, call.SourceOffset);
        Assert.False(image.TryFindCall(108, out _));
        Assert.Equal(0, image.FindFunction(10));
        Assert.Equal(-1, image.FindFunction(11));
        Assert.Equal(2, image.FindFunction(64));
        Assert.Equal(-1, image.FindFunction(uint.MaxValue));
    }

    [Fact]
    public void WritingTwiceYieldsTheSameBytes() => Assert.Equal(SampleImage.Bytes(), SampleImage.Bytes());

    [Fact]
    public void EveryPrefixIsRefused()
    {
        byte[] bytes = SampleImage.Bytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            ImageException refused = Assert.Throws<ImageException>(() => CodeImage.Read(bytes.AsMemory(0, length), "cut.wisp"));
            Assert.StartsWith("cut.wisp: ", refused.Message, StringComparison.Ordinal);
            Assert.Equal(length == 0 ? ImageFault.NotAnImage : ImageFault.Truncated, refused.Fault);
        }
    }

    [Fact]
    public void EveryChangedByteIsRefused()
    {
        byte[] bytes = SampleImage.Bytes();
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<ImageException>(() => CodeImage.Read(changed, "changed.wisp"));
        }
    }

    [Fact]
    public void BytesBehindTheEndAreRefused()
    {
        byte[] bytes = [.. SampleImage.Bytes(), 0];
        ImageException refused = Assert.Throws<ImageException>(() => CodeImage.Read(bytes, "long.wisp"));
        Assert.Equal(ImageFault.Damaged, refused.Fault);
    }

    /// <summary>With the checksum made right again, nothing but the field checks stands between a damaged table and its use.</summary>
    [Fact]
    public void MutatedTablesWithGoodChecksumAreRefusedOrStayInRange()
    {
        byte[] bytes = SampleImage.Bytes();
        var random = new Random(1);
        int refusals = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. bytes];
            int at = random.Next(8, CodeImage.Read(bytes, "sample").TextStart);
            changed[at] = (byte)(random.Next(3) switch { 0 => 0xff, 1 => changed[at] + 1, _ => random.Next(256) });
            BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(ImageFormat.ChecksumAt), CodeImage.Checksum(changed));
            try
            {
                AssertInRange(CodeImage.Read(changed, "changed.wisp"));
            }
            catch (ImageException)
            {
                refusals++;
            }
        }

        Assert.True(refusals > 1000, $"only {refusals} refused");
    }

    [Theory]
    [InlineData(0, 16u)]     // function 0 placed over function 1
    [InlineData(12, 17u)]    // not aligned
    [InlineData(4, 0u)]      // no code
    [InlineData(28, 4096u)]  // ends outside the text
    public void BadFunctionEntryIsRefused(int offsetInTable, uint value)
    {
        byte[] bytes = SampleImage.Bytes();
        long module = ImageFormat.AlignUp(ImageFormat.HeaderBytes, ImageFormat.TableAlignment);
        int table = (int)ImageFormat.AlignUp(module + SampleImage.Module.Length - 12, ImageFormat.TableAlignment);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(table + offsetInTable), value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ImageFormat.ChecksumAt), CodeImage.Checksum(bytes));

        ImageException refused = Assert.Throws<ImageException>(() => CodeImage.Read(bytes, "bad.wisp"));
        Assert.Contains("Functions entry", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CodeForOtherProcessorsIsNotRunnable()
    {
        CodeImage image = CodeImage.Read(SampleImage.Bytes(), "avx.wisp");

        image.CheckRunnable(CpuFeatures.Bmi1 | CpuFeatures.Avx | CpuFeatures.Fma);
        ImageException refused = Assert.Throws<ImageException>(() => image.CheckRunnable(CpuFeatures.Bmi1));
        Assert.Equal(ImageFault.MissingFeatures, refused.Fault);
        Assert.Contains("Avx", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CodeOfAnotherCompilerIsStale()
    {
        byte[] bytes = SampleImage.Bytes();
        bytes[ImageFormat.FingerprintAt] ^= 1;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ImageFormat.ChecksumAt), CodeImage.Checksum(bytes));

        CodeImage image = CodeImage.Read(bytes, "old.wisp");
        ImageException refused = Assert.Throws<ImageException>(() => image.CheckRunnable((CpuFeatures)ulong.MaxValue));
        Assert.Equal(ImageFault.Stale, refused.Fault);
    }

    private static void AssertInRange(CodeImage image)
    {
        uint last = 0;
        foreach (FunctionEntry function in image.Functions)
        {
            Assert.True(function.TextOffset >= last);
            last = function.TextOffset + function.Length;
            Assert.True(last <= (uint)image.Text.Length);
        }

        foreach (TrapEntry trap in image.Traps)
        {
            Assert.NotEqual(-1, image.FindFunction(trap.TextOffset));
            Assert.True(image.TryFindTrap(trap.TextOffset, out _));
        }

        foreach (CallEntry call in image.Calls)
        {
            Assert.NotEqual(-1, image.FindFunction(call.TextOffset - 1));
        }
    }
}
