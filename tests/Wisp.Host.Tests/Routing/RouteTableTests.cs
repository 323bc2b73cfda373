using Wisp.Host.Routing;

namespace Wisp.Host.Tests.Routing;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/users", "/users")]
    [InlineData("/users/", "/users")]
    [InlineData("/users/me", "/users/me")]
    [InlineData("/users/7", "/users/:id")]
    [InlineData("/users/7/", "/users/:id")]
    [InlineData("/users/7/posts", "/users/:id/posts")]
    [InlineData("/users/me/posts", "/users/:id/posts")]
    [InlineData("/users/me/likes", "/users/...")]
    [InlineData("/users//posts", "/users/...")]
    [InlineData("/files", "/files/...")]
    [InlineData("/files/", "/files/...")]
    [InlineData("/files/a/b", "/files/...")]
    [InlineData("/Users", null)]
    [InlineData("/other", null)]
    [InlineData("//users", null)]
    public void TextGoesBeforeParameterBeforeWildcard(string path, string? route)
    {
        RouteTable<string> table = Table("/", "/users", "/users/me", "/users/:id", "/users/:id/posts", "/users/...", "/files/...");

        bool isFound = table.TryFind(path, "GET", out string? target, out _, out IReadOnlyList<string>? allowed);

        Assert.Equal(route, target);
        Assert.Equal(route is not null, isFound);
        Assert.Null(allowed);
    }

    [Theory]
    [InlineData("/...", "/a/b", "", "/a/b")]
    [InlineData("/...", "/", "", "/")]
    [InlineData("/...", "", "", "")]
    [InlineData("/", "/", "", "/")]
    [InlineData("/a", "/a", "/a", "")]
    [InlineData("/a", "/a/", "/a", "/")]
    [InlineData("/a/...", "/a", "/a", "")]
    [InlineData("/a/...", "/a//b/", "/a", "//b/")]
    [InlineData("/:x/b/...", "/q/b/c", "/q/b", "/c")]
    public void SplitsThePathBehindWhatTheRouteNames(string route, string path, string scriptName, string pathInfo)
    {
        Assert.True(Table(route).TryFind(path, "GET", out _, out RouteMatch match, out _));

        Assert.Equal((scriptName, pathInfo), (match.ScriptName, match.PathInfo));
    }

    [Fact]
    public void GivesParametersByName()
    {
        Assert.True(Table("/:shop/items/:id").TryFind("/a b/items/..%2f", "GET", out _, out RouteMatch match, out _));

        Assert.Equal([new("shop", "a b"), new("id", "..%2f")], match.Parameters);
    }

    [Fact]
    public void MethodChoosesAmongRoutesOfOnePath()
    {
        var table = new RouteTable<string>();
        Assert.Null(table.Add(Pattern("/a"), ["GET"], "get"));
        Assert.Null(table.Add(Pattern("/a"), ["POST"], "post"));
        Assert.Null(table.Add(Pattern("/..."), [], "rest"));
        Assert.Equal("get", table.Add(Pattern("/a"), ["DELETE", "GET"], "again"));
        Assert.Equal("get", table.Add(Pattern("/a"), [], "all"));

        Assert.True(table.TryFind("/a", "HEAD", out string? head, out _, out _));
        Assert.False(table.TryFind("/a", "DELETE", out _, out _, out IReadOnlyList<string>? allowed));

        Assert.Equal("get", head);
        Assert.Equal(["GET", "HEAD", "POST"], allowed);
    }

    [Fact]
    public void LongPathOfManySegmentsIsQuick()
    {
        RouteTable<string> table = Table("/:a/:b/:c/...", "/x/:b/:c/d", "/x/y/...");
        string path = "/x" + string.Concat(Enumerable.Repeat("/y", 100_000));

        Assert.True(table.TryFind(path, "GET", out string? target, out RouteMatch match, out _));

        Assert.Equal("/x/y/...", target);
        Assert.Equal(path.Length - 4, match.PathInfo.Length);
    }

    private static RouteTable<string> Table(params string[] routes)
    {
        var table = new RouteTable<string>();
        foreach (string route in routes)
        {
            Assert.Null(table.Add(Pattern(route), [], route));
        }

        return table;
    }

    private static RoutePattern Pattern(string text)
    {
        Assert.True(RoutePattern.TryParse(text, out RoutePattern? pattern, out string? fault), fault);
        return pattern;
    }
}
