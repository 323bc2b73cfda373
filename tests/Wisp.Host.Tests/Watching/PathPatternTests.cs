using Wisp.Host.Watching;

namespace Wisp.Host.Tests.Watching;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("main.c", "main.c", true)]
    [InlineData("main.c", "src/main.c", false)]
    [InlineData("*.c", "main.c", true)]
    [InlineData("*.c", "main.cpp", false)]
    [InlineData("*.c", "src/main.c", false)]
    [InlineData("src", "src/a/b.rs", true)]
    [InlineData("src/", "src/a/b.rs", true)]
    [InlineData("./src", "src/b.rs", true)]
    [InlineData("src", "srcs/b.rs", false)]
    [InlineData("src/**", "src/a/b.rs", true)]
    [InlineData("**/*.rs", "b.rs", true)]
    [InlineData("**/*.rs", "x/y/b.rs", true)]
    [InlineData("**/**/**/*.rs", "x/y/b.c", false)]
    [InlineData("src/**/test?.rs", "src/x/test1.rs", true)]
    [InlineData("src/**/test?.rs", "src/x/test.rs", false)]
    public void MeansTheFilesThatItNames(string pattern, string path, bool isMeant) =>
        Assert.Equal(isMeant, PathPattern.Matches(pattern, path));
}
