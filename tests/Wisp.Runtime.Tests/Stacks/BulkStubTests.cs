using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Wisp.Platform.Linux;
using Wisp.Stacks;

namespace Wisp.Runtime.Tests.Stacks;

// The stubs that copy and fill, as they are written for processors with and without wide vectors and fast "rep movsb", compared with
// spans. To C they are memmove and memset.
public sealed class BulkStubTests
{
    private const int Middle = 1000;
    private const int Room = 24000;

    private delegate void CopyStub(nint to, nint from, nint count);

    private delegate void FillStub(nint to, int value, nint count);

    public static TheoryData<bool, bool> Processors() => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    public static IEnumerable<int> Sizes() => Enumerable.Range(0, 300).Concat([511, 512, 513, 1023, 1024, 1025, 3000, 16383, 16384, 20000]);

    [Theory]
    [MemberData(nameof(Processors))]
    public void CopiesEverySizeAndOverlap(bool hasAvx, bool hasFastRepeat) => With(hasAvx, hasFastRepeat, (code, start) =>
    {
        var copy = Marshal.GetDelegateForFunctionPointer<CopyStub>(start + code.Copy);
        byte[] expected = new byte[Room];
        byte[] actual = new byte[Room];
        int[] shifts = [-700, -129, -128, -127, -65, -64, -33, -32, -31, -17, -16, -8, -3, -1, 0, 1, 2, 7, 15, 16, 31, 33, 64, 100, 127, 128, 129, 900];
        foreach (int size in Sizes())
        {
            foreach (int shift in shifts)
            {
                new Random(size).NextBytes(expected);
                expected.CopyTo(actual, 0);
                expected.AsSpan(Middle, size).CopyTo(expected.AsSpan(Middle + shift));
                Pinned(actual, at => copy(at + Middle + shift, at + Middle, size));
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{size} bytes by {shift}");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Processors))]
    public void FillsEverySizeFromEveryAlignment(bool hasAvx, bool hasFastRepeat) => With(hasAvx, hasFastRepeat, (code, start) =>
    {
        var fill = Marshal.GetDelegateForFunctionPointer<FillStub>(start + code.Fill);
        byte[] expected = new byte[Room];
        byte[] actual = new byte[Room];
        foreach (int size in Sizes())
        {
            for (int at = Middle; at < Middle + 33; at += 5)
            {
                new Random(size).NextBytes(expected);
                expected.CopyTo(actual, 0);
                expected.AsSpan(at, size).Fill((byte)(size + 128));
                Pinned(actual, start => fill(start + at, (size + 128) | 0x4500, size));
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{size} bytes at {at}");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Processors))]
    public void EveryVariantIsInstructions(bool hasAvx, bool hasFastRepeat)
    {
        StubCode code = StubWriter.Write(0, 0, new StubOptions(hasAvx, hasFastRepeat));
        var decoder = Iced.Intel.Decoder.Create(64, new Iced.Intel.ByteArrayCodeReader(code.Bytes));
        bool isWide = false;
        while (decoder.IP < (ulong)code.Bytes.Length)
        {
            Iced.Intel.Instruction read = decoder.Decode();
            Assert.False(read.IsInvalid, $"at {read.IP:x}");
            isWide |= read.Encoding != Iced.Intel.EncodingKind.Legacy;
        }

        Assert.Equal(hasAvx, isWide);
    }

    private static void With(bool hasAvx, bool hasFastRepeat, Action<StubCode, nint> test)
    {
        Assert.SkipWhen(hasAvx && !Avx.IsSupported, "this processor has no AVX");
        StubCode code = StubWriter.Write(0, 0, new StubOptions(hasAvx, hasFastRepeat));
        nint start = CodeMapping.Map(code.Bytes);
        try
        {
            test(code, start);
        }
        finally
        {
            CodeMapping.Unmap(start, code.Bytes.Length);
        }
    }

    private static void Pinned(byte[] bytes, Action<nint> action)
    {
        var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        try
        {
            action(handle.AddrOfPinnedObject());
        }
        finally
        {
            handle.Free();
        }
    }
}
