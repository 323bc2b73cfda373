using System.Text;
using CsCheck;
using Wisp.Wasm.Binary;

namespace Wisp.Wasm.Tests.Binary;

public sealed class ByteReaderTests
{
    private delegate T Reading<T>(ref ByteReader reader);

    [Theory]
    [InlineData(new byte[] { 0x00 }, 0u)]
    [InlineData(new byte[] { 0x7f }, 127u)]
    [InlineData(new byte[] { 0x80, 0x01 }, 128u)]
    [InlineData(new byte[] { 0xe5, 0x8e, 0x26 }, 624485u)]
    [InlineData(new byte[] { 0x82, 0x80, 0x80, 0x80, 0x00 }, 2u)]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f }, uint.MaxValue)]
    public void UnsignedReadsUpToFiveBytes(byte[] bytes, uint value) =>
        Assert.Equal(value, Read(bytes, static (ref ByteReader reader) => reader.ReadU32()));

    [Theory]
    [InlineData(new byte[] { 0x3f }, 63)]
    [InlineData(new byte[] { 0x40 }, -64)]
    [InlineData(new byte[] { 0xc0, 0x00 }, 64)]
    [InlineData(new byte[] { 0xbf, 0x7f }, -65)]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x78 }, int.MinValue)]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x07 }, int.MaxValue)]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x7f }, -1)]
    public void SignedExtendsTheLastBytesSign(byte[] bytes, int value) =>
        Assert.Equal(value, Read(bytes, static (ref ByteReader reader) => reader.ReadS32()));

    [Theory]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 }, "integer representation too long")]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x10 }, "integer too large")]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x1f }, "integer too large")]
    [InlineData(new byte[] { 0x80, 0x80 }, "unexpected end")]
    [InlineData(new byte[] { }, "unexpected end")]
    public void UnsignedRefusesWhatIsNoU32(byte[] bytes, string words) =>
        Refuses(bytes, words, static (ref ByteReader reader) => reader.ReadU32());

    [Theory]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 }, "integer representation too long")]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x08 }, "integer too large")]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x70 }, "integer too large")]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x4f }, "integer too large")]
    public void SignedRefusesWhatIsNoS32(byte[] bytes, string words) =>
        Refuses(bytes, words, static (ref ByteReader reader) => reader.ReadS32());

    [Fact]
    public void SixtyFourBitsTakeTenBytes()
    {
        byte[] largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        byte[] smallest = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        Assert.Equal(ulong.MaxValue, Read(largest, static (ref ByteReader reader) => reader.ReadU64()));
        Assert.Equal(long.MinValue, Read(smallest, static (ref ByteReader reader) => reader.ReadS64()));
        largest[9] = 0x02;
        smallest[9] = 0x7e;
        Refuses(largest, "integer too large", static (ref ByteReader reader) => reader.ReadU64());
        Refuses(smallest, "integer too large", static (ref ByteReader reader) => reader.ReadS64());
    }

    [Fact]
    public void EveryIntegerIsReadBackHoweverMuchItIsPadded() =>
        Gen.Select(Gen.Long, Gen.Int[0, 10], Gen.Int[0, 63]).Sample((bits, padding, shift) =>
        {
            long value = bits >> shift;
            Assert.Equal(value, Read(Signed(value, padding, 10), static (ref ByteReader reader) => reader.ReadS64()));
            Assert.Equal((ulong)value, Read(Unsigned((ulong)value, padding, 10), static (ref ByteReader reader) => reader.ReadU64()));
            Assert.Equal((int)value, Read(Signed((int)value, padding, 5), static (ref ByteReader reader) => reader.ReadS32()));
            Assert.Equal((uint)value, Read(Unsigned((uint)value, padding, 5), static (ref ByteReader reader) => reader.ReadU32()));
            long s33 = value << 31 >> 31;
            Assert.Equal(s33, Read(Signed(s33, padding, 5), static (ref ByteReader reader) => reader.ReadS33()));
        }, iter: 5000);

    [Fact]
    public void NamesAreStrictUtf8()
    {
        Assert.Equal("Grüße 🎈", Read([12, .. Encoding.UTF8.GetBytes("Grüße 🎈")], static (ref ByteReader reader) => reader.ReadName()));
        Refuses([2, 0xc0, 0x80], "malformed UTF-8 encoding", static (ref ByteReader reader) => reader.ReadName());
        Refuses([3, 0xed, 0xa0, 0x80], "malformed UTF-8 encoding", static (ref ByteReader reader) => reader.ReadName());
        Refuses([5, 0x61], "length out of bounds", static (ref ByteReader reader) => reader.ReadName());
    }

    [Fact]
    public void CountBeyondWhatRemainsIsRefusedBeforeAnythingIsAllocated()
    {
        Refuses([0xff, 0xff, 0xff, 0xff, 0x07, 0], "unexpected end", static (ref ByteReader reader) => reader.ReadCount("things", int.MaxValue));
        Refuses([0x02, 0, 0, 0], "implementation limit exceeded: 2 things", static (ref ByteReader reader) => reader.ReadCount("things", 1));
    }

    private static T Read<T>(byte[] bytes, Reading<T> read)
    {
        var reader = new ByteReader(bytes, 0, bytes.Length);
        T value = read(ref reader);
        Assert.True(reader.AtEnd);
        return value;
    }

    private static void Refuses<T>(byte[] bytes, string words, Reading<T> read)
    {
        MalformedModuleException fault = Assert.Throws<MalformedModuleException>(() =>
        {
            var reader = new ByteReader(bytes, 0, bytes.Length);
            read(ref reader);
        });
        Assert.StartsWith(words, fault.Message, StringComparison.Ordinal);
    }

    // At least as many bytes as padding says, but never more than the width allows.
    private static byte[] Unsigned(ulong value, int padding, int most)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)(value & 0x7f));
            value >>= 7;
        }
        while (value != 0 || bytes.Count < Math.Min(padding, most));
        return Continued(bytes);
    }

    private static byte[] Signed(long value, int padding, int most)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)(value & 0x7f));
            value >>= 7;
        }
        while (!(value == 0 && (bytes[^1] & 0x40) == 0) && !(value == -1 && (bytes[^1] & 0x40) != 0)
            || bytes.Count < Math.Min(padding, most));
        return Continued(bytes);
    }

    private static byte[] Continued(List<byte> bytes)
    {
        for (int i = 0; i < bytes.Count - 1; i++)
        {
            bytes[i] |= 0x80;
        }

        return [.. bytes];
    }
}
