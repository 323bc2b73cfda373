using System.Globalization;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tests.Telemetry;

public sealed class DecimalTextTests
{
    [Theory]
    [InlineData(0, 1, "0.0")]
    [InlineData(7, 1, "0.7")]
    [InlineData(1234, 1, "123.4")]
    [InlineData(0, 2, "0.00")]
    [InlineData(5, 2, "0.05")]
    [InlineData(60, 2, "0.60")]
    [InlineData(123456789, 2, "1234567.89")]
    [InlineData(long.MaxValue, 2, "92233720368547758.07")]
    public void WritesThePointWhereItBelongs(long scaled, int decimals, string text)
    {
        var number = new DecimalText(scaled, decimals);

        Assert.Equal(text, number.ToString());
        Assert.Equal($"a{text}b", string.Create(CultureInfo.InvariantCulture, $"a{number}b"));
    }

    [Fact]
    public void SaysWhenThereIsNoRoom()
    {
        for (int length = 0; length < 6; length++)
        {
            Assert.False(new DecimalText(12345, 2).TryFormat(new char[length], out int written, default, null));
            Assert.Equal(0, written);
        }
    }
}
