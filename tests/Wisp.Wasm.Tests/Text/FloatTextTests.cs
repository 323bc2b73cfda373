using System.Text;
using Wisp.Wasm.Text;

namespace Wisp.Wasm.Tests.Text;

public sealed class FloatTextTests
{
    [Theory]
    [InlineData("0", 0x0u)]
    [InlineData("-0.0", 0x8000_0000u)]
    [InlineData("1", 0x3f80_0000u)]
    [InlineData("1.", 0x3f80_0000u)]
    [InlineData("1.e1", 0x4120_0000u)]
    [InlineData("1_000.5e-1_0", 0x33d6_db12u)]
    [InlineData("0x1p-149", 0x1u)]
    [InlineData("0x1p-150", 0x0u)]                       // half of the smallest: ties to even
    [InlineData("0x1.000002p-150", 0x1u)]                // more than half of it
    [InlineData("0x0.fffffffp-126", 0x0080_0000u)]       // rounds up into the normal numbers
    [InlineData("0x1.fffffep127", 0x7f7f_ffffu)]
    [InlineData("0x1.fffffefffffffp127", 0x7f7f_ffffu)]
    [InlineData("0x1.000001p0", 0x3f80_0000u)]           // tie, even below
    [InlineData("0x1.000003p0", 0x3f80_0002u)]           // tie, even above
    [InlineData("0x1.00000100000000000000001p0", 0x3f80_0001u)]
    [InlineData("0x1_0.0_0p+0", 0x4180_0000u)]
    [InlineData("inf", 0x7f80_0000u)]
    [InlineData("-inf", 0xff80_0000u)]
    [InlineData("nan", 0x7fc0_0000u)]
    [InlineData("-nan:0x1", 0xff80_0001u)]
    [InlineData("nan:0x7f_ffff", 0x7fff_ffffu)]
    public void SingleIsRoundedToNearestEven(string text, uint bits)
    {
        Assert.Equal(NumberStatus.Ok, FloatText.TryParseSingle(Encoding.ASCII.GetBytes(text), out uint actual));
        Assert.Equal(bits, actual);
    }

    [Theory]
    [InlineData("0x1p-1074", 0x1UL)]
    [InlineData("0x1p-1075", 0x0UL)]
    [InlineData("0x1.00000000000008p0", 0x3ff0_0000_0000_0000UL)]
    [InlineData("0x1.000000000000080000000000001p0", 0x3ff0_0000_0000_0001UL)]
    [InlineData("2.2250738585072011e-308", 0x000f_ffff_ffff_ffffUL)]
    [InlineData("1e-999999999999999999999", 0x0UL)]
    [InlineData("0e999999999999999999999", 0x0UL)]
    [InlineData("0x0p999999999999999999999", 0x0UL)]
    [InlineData("nan:0x4", 0x7ff0_0000_0000_0004UL)]
    public void DoubleIsRoundedToNearestEven(string text, ulong bits)
    {
        Assert.Equal(NumberStatus.Ok, FloatText.TryParseDouble(Encoding.ASCII.GetBytes(text), out ulong actual));
        Assert.Equal(bits, actual);
    }

    [Theory]
    [InlineData("0x1p128")]
    [InlineData("0x1.ffffffp127")]
    [InlineData("1e39")]
    [InlineData("1e999999999999999999999")]
    [InlineData("0x1p999999999999999999999")]
    [InlineData("nan:0x0")]
    [InlineData("nan:0x800000")]
    public void NumberThatIsNoFiniteSingleIsOutOfRange(string text) =>
        Assert.Equal(NumberStatus.OutOfRange, FloatText.TryParseSingle(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("0x")]
    [InlineData("0x1.8q1")]
    [InlineData("0x.8")]
    [InlineData("_1")]
    [InlineData("1_")]
    [InlineData("1__0")]
    [InlineData("1._0")]
    [InlineData("nan:")]
    [InlineData("nan:1")]
    [InlineData("Inf")]
    public void OtherTextIsMalformed(string text) =>
        Assert.Equal(NumberStatus.Malformed, FloatText.TryParseDouble(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void HexTextOfAnyDoubleGivesTheDoubleBack()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            double value = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (!double.IsFinite(value))
            {
                continue;
            }

            value = Math.Abs(value);
            (ulong mantissa, int exponent) = Split(value);
            string text = $"0x{mantissa:x}p{exponent}";
            Assert.Equal(NumberStatus.Ok, FloatText.TryParseDouble(Encoding.ASCII.GetBytes(text), out ulong bits));
            Assert.Equal(BitConverter.DoubleToUInt64Bits(value), bits);

            // The conversion to a float rounds as we must.
            if (float.IsFinite((float)value))
            {
                Assert.Equal(NumberStatus.Ok, FloatText.TryParseSingle(Encoding.ASCII.GetBytes(text), out uint single));
                Assert.Equal(BitConverter.SingleToUInt32Bits((float)value), single);
            }
        }

        static (ulong Mantissa, int Exponent) Split(double value)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(Math.Abs(value));
            int biased = (int)(bits >> 52);
            ulong fraction = bits & ((1UL << 52) - 1);
            return biased == 0 ? (fraction, -1074) : (fraction | (1UL << 52), biased - 1075);
        }
    }
}
