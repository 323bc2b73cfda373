using Wisp.Host.Deployments;
using Wisp.Host.Manifests;

namespace Wisp.Host.Tests.Deployments;

public sealed class PermissionLinesTests
{
    [Fact]
    public void SayWhatIsAskedOfTheServer()
    {
        IReadOnlyList<string> lines = Lines(
            """
            permissions.fs = [{ host = "data", guest = "/data" }, { host = "/srv/shared", guest = "/shared", access = "read-write" }]
            permissions.net = ["https://api.example.com", "deny:private"]
            permissions.env = ["PATH", "MODE=fast"]
            permissions.clock = "fixed=2026-01-01T00:00:00Z"
            limits.memory = "64MiB"
            """);

        Assert.Equal(
            [
                """app: permissions.env = ["PATH"]""",
                """app: permissions.fs = [{ host = "/srv/shared", guest = "/shared", access = "read-write" }]""",
                """app: permissions.fs = [{ host = "data", guest = "/data", access = "read-only" }]""",
                """app: permissions.net = ["deny:private"]""",
                """app: permissions.net = ["https://api.example.com"]""",
            ], lines);
    }

    [Fact]
    public void FirstVersionAsksForEverything()
    {
        PermissionDifference difference = PermissionLines.Between([], Lines("""permissions.net = ["https://a.example", "deny:private"]"""));

        Assert.Equal(["""app: permissions.net = ["https://a.example"]"""], difference.Added);
        Assert.Empty(difference.Removed);
    }

    [Theory]
    [InlineData("""permissions.net = ["https://a.example"]""", """permissions.net = ["https://a.example"]""", 0, 0)]
    [InlineData("""permissions.net = ["https://a.example"]""", """permissions.net = ["https://b.example"]""", 1, 1)]
    [InlineData("""permissions.net = ["https://a.example", "http://b.example"]""", """permissions.net = ["http://b.example"]""", 0, 1)]
    [InlineData("""permissions.fs = [{ host = "d", guest = "/d", access = "read-write" }]""", """permissions.fs = [{ host = "d", guest = "/d" }]""", 0, 1)]
    [InlineData("""permissions.fs = [{ host = "d", guest = "/d" }]""", """permissions.fs = [{ host = "d", guest = "/d", access = "read-write" }]""", 1, 1)]
    [InlineData("""permissions.net = ["*:443"]""", """permissions.net = ["*:443", "deny:private"]""", 0, 0)]
    [InlineData("""permissions.net = ["*:443", "deny:private"]""", """permissions.net = ["*:443"]""", 1, 0)]
    [InlineData("""permissions.net = ["*:443", "deny:private"]""", "", 0, 1)]
    public void DifferenceIsWhatIsWider(string before, string now, int added, int removed)
    {
        PermissionDifference difference = PermissionLines.Between(Lines(before), Lines(now));

        Assert.Equal((added, removed), (difference.Added.Count, difference.Removed.Count));
    }

    [Fact]
    public void HostNamesAreAskedForToo() => Assert.Equal(
        ["""application: hosts = ["shop.example.com"]"""], PermissionLines.Of(AppManifestReader.ReadText(
            """
            [application]
            name = "shop"
            hosts = ["shop.example.com"]
            [[trigger.http]]
            route = "/"
            response = { body = "open" }
            """, "/app")));

    [Fact]
    public void DenialThatGoesIsNamed() => Assert.Equal(
        ["""app: permissions.net without ["deny:private"]"""],
        PermissionLines.Between(Lines("""permissions.net = ["*:443", "deny:private"]"""), Lines("""permissions.net = ["*:443"]""")).Added);

    private static IReadOnlyList<string> Lines(string component) => PermissionLines.Of(AppManifestReader.ReadText(
        $"""
        [application]
        name = "shop"
        [[trigger.http]]
        route = "/..."
        component = "app"
        [component.app]
        source = "app.wasm"
        {component}
        """, "/app"));
}
