using Wisp.Host.Hosting;

namespace Wisp.Host.Tests.Hosting;

public sealed class HostTableTests
{
    [Theory]
    [InlineData("example.com", "exact")]
    [InlineData("EXAMPLE.com", "exact")]
    [InlineData("www.example.com", "any")]
    [InlineData("a.b.example.com", "any")]
    [InlineData("shop.example.com", "shop")]
    [InlineData("a.shop.example.com", "any shop")]
    [InlineData("a.b.shop.example.com", "any shop")]
    [InlineData("xexample.com", null)]
    [InlineData("com", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData(".example.com", "any")]
    public void NameGoesBeforeWildcardAndTheLongestWildcardFirst(string host, string? expected)
    {
        HostTable<string> table = Table();

        Assert.Equal(expected, table.Find(host));
    }

    [Fact]
    public void LookupsMakeNoObjects()
    {
        HostTable<string> table = Table();
        int found = 0;
        long before = 0;
        for (int i = -100; i < 1000; i++)
        {
            if (i == 0)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            found += table.Find(HostName.WithoutPort("shop.example.com:8080")) is null ? 0 : 1;
            found += table.Find(HostName.WithoutPort("a.b.example.com")) is null ? 0 : 1;
            found += table.Find("nothing.example.org") is null ? 0 : 1;
        }

        Assert.Equal((2200, 0), (found, GC.GetAllocatedBytesForCurrentThread() - before));
    }

    [Fact]
    public void WhatIsRemovedIsFoundNoMore()
    {
        HostTable<string> table = Table();

        table.Remove("shop.example.com");
        table.Remove("*.shop.example.com");

        Assert.Equal("any", table.Find("shop.example.com"));
        Assert.Equal("any", table.Find("a.shop.example.com"));
        Assert.Null(table.OwnerOf("shop.example.com"));
        Assert.Equal("any", table.OwnerOf("*.example.com"));
    }

    [Theory]
    [InlineData("a.b", "a.b")]
    [InlineData("a.b:80", "a.b")]
    [InlineData("a.b.:80", "a.b")]
    [InlineData("a.b.", "a.b")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData(":80", "")]
    public void PortAndLastDotAreNoPartOfTheName(string host, string expected) =>
        Assert.Equal(expected, HostName.WithoutPort(host).ToString());

    [Theory]
    [InlineData("shop.example.com", true)]
    [InlineData("*.example.com", true)]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("xn--bcher-kva.example", true)]
    [InlineData("*", false)]
    [InlineData("*.", false)]
    [InlineData("a.*.b", false)]
    [InlineData("Shop.example.com", false)]
    [InlineData("a..b", false)]
    [InlineData("a.b.", false)]
    [InlineData("-a.b", false)]
    [InlineData("a-.b", false)]
    [InlineData("a.b:80", false)]
    [InlineData("bücher.example", false)]
    [InlineData("a_b", false)]
    [InlineData("", false)]
    public void PatternsAreNamesWithAWildcardAtMostInFront(string text, bool isGood) =>
        Assert.Equal(isGood, HostName.FaultOf(text) is null);

    [Fact]
    public void LongNamesAreRefused()
    {
        Assert.NotNull(HostName.FaultOf(new string('a', 64)));
        Assert.NotNull(HostName.FaultOf(string.Join('.', Enumerable.Repeat("abcdefgh", 30))));
        Assert.Null(HostName.FaultOf(new string('a', 63)));
    }

    private static HostTable<string> Table()
    {
        var table = new HostTable<string>();
        table.Set("example.com", "exact");
        table.Set("*.example.com", "any");
        table.Set("shop.example.com", "shop");
        table.Set("*.shop.example.com", "any shop");
        return table;
    }
}
