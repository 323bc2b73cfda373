using Wisp.Platform;

namespace Wisp.Runtime.Tests.Platform;

public sealed class ProcessorModelTests
{
    [Theory]
    [InlineData(0x506E3u, true)]    // Skylake
    [InlineData(0x406E3u, true)]    // Skylake, mobile
    [InlineData(0x50654u, true)]    // Skylake, server
    [InlineData(0x50657u, true)]    // Cascade Lake
    [InlineData(0x5065Bu, false)]   // Cooper Lake
    [InlineData(0x906EAu, true)]    // Coffee Lake
    [InlineData(0x806ECu, true)]    // Whiskey Lake
    [InlineData(0xA0660u, true)]    // Comet Lake
    [InlineData(0x40671u, false)]   // Broadwell
    [InlineData(0x606A6u, false)]   // Ice Lake, server
    [InlineData(0x806F8u, false)]   // Sapphire Rapids
    public void SkylakeAndItsHeirsHaveTheJumpErratum(uint signature, bool has)
    {
        Assert.Equal(has, new ProcessorModel(true, signature).HasJumpErratum);
        Assert.False(new ProcessorModel(false, signature).HasJumpErratum);
    }
}
