using System.Net;
using Wisp.Host.Admin;

namespace Wisp.Host.Tests.Admin;

public sealed class FailureLimiterTests
{
    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void AddressWaitsAfterItsFailuresAndOthersDoNot()
    {
        var limiter = new FailureLimiter(_clock);
        IPAddress bad = IPAddress.Parse("192.0.2.1");
        for (int i = 0; i < FailureLimiter.PerAddress; i++)
        {
            Assert.Null(limiter.WaitOf(bad));
            limiter.Failed(bad);
        }

        Assert.Equal(TimeSpan.FromSeconds(6), limiter.WaitOf(bad));
        Assert.Equal(TimeSpan.FromSeconds(6), limiter.WaitOf(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.Null(limiter.WaitOf(IPAddress.Parse("192.0.2.2")));
        _clock.Set(_clock.GetUtcNow() + TimeSpan.FromSeconds(6));
        Assert.Null(limiter.WaitOf(bad));
        limiter.Failed(bad);
        Assert.NotNull(limiter.WaitOf(bad));
        _clock.Set(_clock.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.Null(limiter.WaitOf(bad));
    }

    [Fact]
    public void ManyAddressesTogetherShutOutStrangersAlone()
    {
        var limiter = new FailureLimiter(_clock);
        IPAddress friend = IPAddress.Parse("198.51.100.1");
        limiter.Succeeded(friend);
        for (int i = 0; i < FailureLimiter.InAll; i++)
        {
            limiter.Failed(new IPAddress([192, 0, 2, (byte)i]));
        }

        Assert.NotNull(limiter.WaitOf(IPAddress.Parse("203.0.113.9")));
        Assert.Null(limiter.WaitOf(friend));
        _clock.Set(_clock.GetUtcNow() + TimeSpan.FromHours(2));
        Assert.Null(limiter.WaitOf(IPAddress.Parse("203.0.113.9")));
    }

    [Fact]
    public void CustomersOfIpv6CountByTheirNetwork()
    {
        var limiter = new FailureLimiter(_clock);
        for (int i = 0; i < FailureLimiter.PerAddress; i++)
        {
            limiter.Failed(IPAddress.Parse($"2001:db8::{i + 1}"));
        }

        Assert.NotNull(limiter.WaitOf(IPAddress.Parse("2001:db8::ffff")));
        Assert.Null(limiter.WaitOf(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void TokensAreRandomAndKnownByTheirForm()
    {
        string a = TokenText.Create();

        Assert.NotEqual(a, TokenText.Create());
        Assert.True(TokenText.IsWellFormed(a));
        Assert.False(TokenText.IsWellFormed(a[..^1]));
        Assert.False(TokenText.IsWellFormed("wisp_" + new string('!', 43)));
    }
}
