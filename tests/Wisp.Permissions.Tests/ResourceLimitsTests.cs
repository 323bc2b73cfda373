namespace Wisp.Permissions.Tests;

public sealed class ResourceLimitsTests
{
    [Fact]
    public void ReadsEveryName()
    {
        Assert.True(ResourceLimits.Default.TryParse(
            "memory=64MiB,cpu=50ms,wall=2s,stack=1M,tables=10,files=7,response=3KB", out ResourceLimits? limits,
                out _));
        Assert.Equal(new ResourceLimits
        {
            MemoryBytes = 64 << 20,
            CpuTime = TimeSpan.FromMilliseconds(50),
            WallTime = TimeSpan.FromSeconds(2),
            StackBytes = 1 << 20,
            TableElements = 10,
            OpenFiles = 7,
            ResponseBytes = 3 << 10,
        }, limits);
    }

    [Fact]
    public void LaterTextKeepsWhatItDoesNotName()
    {
        Assert.True(ResourceLimits.Default.TryParse("memory=1G", out ResourceLimits? limits, out _));
        Assert.True(limits.TryParse("wall=1m", out limits, out _));
        Assert.Equal(1L << 30, limits.MemoryBytes);
        Assert.Equal(TimeSpan.FromMinutes(1), limits.WallTime);
    }

    [Theory]
    [InlineData("")]
    [InlineData("memory")]
    [InlineData("memory=")]
    [InlineData("memory=0")]
    [InlineData("memory=-1")]
    [InlineData("memory=1X")]
    [InlineData("memory=99999999999999999999")]
    [InlineData("memory=9999999999999G")]
    [InlineData("cpu=5MiB")]
    [InlineData("memory=1M,")]
    [InlineData("fuel=1")]
    [InlineData("color=red")]
    public void RefusesWhatIsNoLimit(string text)
    {
        Assert.False(ResourceLimits.Default.TryParse(text, out _, out string? error));
        Assert.StartsWith("--limit ", error, StringComparison.Ordinal);
    }
}
