namespace Wisp.Permissions.Tests;

public sealed class GrantBuilderTests
{
    [Fact]
    public void FlagsOfAGrantBuildTheSameGrant()
    {
        string[] flags =
        [
            "--dir ./data::/data:ro", "--dir /srv::/srv", "--env A=b=c", "--env HOME", "--net https://example.com:443",
            "--net deny:10.0.0.0/8", "--clock fixed=2026-01-01T00:00:00.0000000+00:00", "--random seeded=42",
        ];
        GrantBuilder builder = new();
        foreach (string flag in flags)
        {
            string[] parts = flag.Split(' ', 2);
            Assert.True(builder.TryAddFlag(parts[0][2..], parts[1], out string? error), error);
        }

        Assert.Equal(flags, builder.Build().ToFlags());
    }

    [Theory]
    [InlineData("dir", "")]
    [InlineData("env", "=x")]
    [InlineData("net", "x")]
    [InlineData("limit", "x")]
    [InlineData("clock", "fixed=1969-12-31T00:00:00Z")]
    [InlineData("clock", "noon")]
    [InlineData("random", "seeded=-1")]
    [InlineData("stdio", "in,x")]
    [InlineData("fs", "/")]
    public void WrongFlagAddsNothingAndSaysWhy(string flag, string argument)
    {
        GrantBuilder builder = new();
        Assert.False(builder.TryAddFlag(flag, argument, out string? error));
        Assert.StartsWith("--" + flag, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.Empty(builder.Build().ToFlags());
    }

    [Fact]
    public void LaterVariableReplacesEarlierOne()
    {
        Grant grant = new GrantBuilder().AddEnvironment("A", "1").AddEnvironment("B", null)
            .AddEnvironment("A", "2").Build();
        Assert.Equal(["--env A=2", "--env B"], grant.ToFlags());
    }

    [Fact]
    public void StandardStreamsCanBeTakenAway()
    {
        GrantBuilder builder = new();
        Assert.True(builder.TryAddFlag("stdio", "out,err", out _));
        Assert.Equal(StandardStreams.Output | StandardStreams.Error, builder.Build().Streams);
    }

    [Fact]
    public void TomlEscapesWhatWouldEndItsStrings()
    {
        Grant grant = new GrantBuilder().AddDirectory("a\"b\\c\n", "/d").Build();
        Assert.Equal("permissions.fs = [\n  { host = \"a\\\"b\\\\c\\u000a\", guest = \"/d\", access = \"read-only\" },\n]\n",
            grant.ToToml());
    }
}
