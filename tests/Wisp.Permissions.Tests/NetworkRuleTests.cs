using System.Net;

namespace Wisp.Permissions.Tests;

public sealed class NetworkRuleTests
{
    [Theory]
    [InlineData("api.example.com:443", "https", "api.example.com", 443, true)]
    [InlineData("api.example.com:443", "https", "API.example.com.", 443, true)]
    [InlineData("api.example.com:443", "https", "api.example.com", 80, false)]
    [InlineData("https://api.example.com", "https", "api.example.com", 443, true)]
    [InlineData("https://api.example.com", "http", "api.example.com", 443, false)]
    [InlineData("*.example.com:443", "tcp", "a.b.example.com", 443, true)]
    [InlineData("*.example.com:443", "tcp", "example.com", 443, false)]
    [InlineData("*.example.com:443", "tcp", "badexample.com", 443, false)]
    [InlineData("*:8000-8099", "tcp", "anything", 8050, true)]
    [InlineData("*:8000-8099", "tcp", "anything", 8100, false)]
    [InlineData("*:*", "tcp", "anything", 1, true)]
    [InlineData("10.0.0.0/8:5432", "tcp", "10.1.2.3", 5432, true)]
    [InlineData("10.0.0.0/8:5432", "tcp", "11.1.2.3", 5432, false)]
    [InlineData("[fd00::/8]:5432", "tcp", "fd00::1", 5432, true)]
    [InlineData("[::1]:80", "tcp", "[::1]", 80, true)]
    [InlineData("10.0.0.1:80", "tcp", "10.0.0.1.example.com", 80, false)]
    public void CoversEndpoint(string text, string scheme, string host, int port, bool covers)
    {
        Assert.Equal(covers, Parse(text).Covers(scheme, host, null, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("example.com:0")]
    [InlineData("example.com:65536")]
    [InlineData("example.com:9-8")]
    [InlineData("example.com:+80")]
    [InlineData("::1:80")]
    [InlineData("[::1:80")]
    [InlineData("10.0.0.0/33:80")]
    [InlineData("exa mple.com:80")]
    [InlineData("a*.example.com:80")]
    [InlineData("://example.com:80")]
    public void RefusesWhatIsNoRule(string text)
    {
        Assert.False(NetworkRule.TryParse(text, out _, out string? error));
        Assert.StartsWith("--net ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("listen:127.0.0.1:80", "127.0.0.1:80")]
    [InlineData("tcp://[::1]:80", "[::1]:80")]
    [InlineData("127.0.0.1:80-81", null)]
    [InlineData("127.0.0.0/8:80", null)]
    [InlineData("localhost:80", null)]
    public void NamesItsOnlyEndpoint(string text, string? endpoint) =>
        Assert.Equal(endpoint, Parse(text).Endpoint?.ToString());

    [Fact]
    public void MappedAddressIsTheAddressThatItMaps()
    {
        Assert.True(Parse("deny:10.0.0.0/8").Covers("tcp", "db", IPAddress.Parse("::ffff:10.0.0.1"), 5432));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.168.1.1")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd12::1")]
    [InlineData("0.0.0.0")]
    public void PrivateCoversAddressesOfTheHouse(string address)
    {
        Assert.True(Parse("deny:private").Covers("tcp", "name", IPAddress.Parse(address), 80));
        Assert.False(Parse("deny:private").Covers("tcp", "name", IPAddress.Parse("93.184.216.34"), 80));
    }

    [Fact]
    public void EveryPrefixOfARuleReadsOrIsRefused()
    {
        const string Rule = "deny:listen:https://[fd00::/8]:8000-8099";
        for (int length = 0; length <= Rule.Length; length++)
        {
            bool read = NetworkRule.TryParse(Rule[..length], out NetworkRule? rule, out string? error);
            Assert.True(read ? rule is not null : error is not null);
        }
    }

    private static NetworkRule Parse(string text)
    {
        Assert.True(NetworkRule.TryParse(text, out NetworkRule? rule, out string? error), error);
        return rule;
    }
}
