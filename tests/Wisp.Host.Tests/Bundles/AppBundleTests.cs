using Wisp.Host.Bundles;

namespace Wisp.Host.Tests.Bundles;

public sealed class AppBundleTests : IDisposable
{
    private readonly TempFolder _temp = new();

    [Fact]
    public void HoldsWhatTheManifestNamesAndNothingElse()
    {
        Write("files = [\"site\"]\n[[trigger.http]]\nroute = \"/logo\"\nresponse = { file = \"pictures/logo.svg\" }\n");
        _temp.Write("site/a.txt", "a").Write("site/deep/b.txt", "b").Write("pictures/logo.svg", "<svg/>").Write("pictures/other.svg", "<svg/>")
            .Write(".env", "PASSWORD=1").Write("src/app.c", "int main;");

        AppBundle bundle = AppBundle.Of(_temp.Path);

        Assert.Equal(["app.wat", "pictures/logo.svg", "site/a.txt", "site/deep/b.txt", "wisp.toml"], bundle.Names);
    }

    [Fact]
    public void IsTheSameWheneverItIsMade()
    {
        Write("files = [\"site\"]");
        _temp.Write("site/b.txt", "b").Write("site/a.txt", "a");
        byte[] first = Bytes(AppBundle.Of(_temp.Path));
        foreach (string path in Directory.GetFiles(_temp.Path, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
        }

        Assert.Equal(first, Bytes(AppBundle.Of(_temp.Path)));
    }

    [Fact]
    public void ProgramByItselfGetsAManifest()
    {
        _temp.Write("my tool.wat", "(module)");

        AppBundle bundle = AppBundle.Of(Path.Combine(_temp.Path, "my tool.wat"));
        using var reader = new BundleReader(new MemoryStream(Bytes(bundle)), new BundleLimits());
        var texts = new Dictionary<string, string>();
        reader.ReadAll((name, _, contents) => texts.Add(name, new StreamReader(contents).ReadToEnd()));

        Assert.Equal("my-tool", bundle.App.Name);
        Assert.Equal(["my-tool.wat", "wisp.toml"], texts.Keys);
        Assert.Equal("(module)", texts["my-tool.wat"]);
        Assert.Contains("source = \"my-tool.wat\"", texts["wisp.toml"], StringComparison.Ordinal);
    }

    [Fact]
    public void LinkOutOfTheFolderIsRefused()
    {
        Write("files = [\"site\"]");
        _temp.Write("site/a.txt", "a");
        using var other = new TempFolder();
        other.Write("secret.txt", "secret");
        File.CreateSymbolicLink(Path.Combine(_temp.Path, "site", "link.txt"), Path.Combine(other.Path, "secret.txt"));

        Assert.Contains("leads out", Assert.Throws<BundleException>(() => AppBundle.Of(_temp.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("files = [\"a/.ssh\"]")]
    [InlineData("files = [\"b/.ssh\"]")]   // over a link inside
    [InlineData("[[trigger.http]]\nroute = \"/x\"\nresponse = { file = \"a/.ssh/id\" }")]
    public void LinkOnTheWayThatLeadsOutIsRefused(string more)
    {
        Write(more);
        using var other = new TempFolder();
        other.Write(".ssh/id", "secret");
        Directory.CreateSymbolicLink(Path.Combine(_temp.Path, "a"), other.Path);
        Directory.CreateSymbolicLink(Path.Combine(_temp.Path, "b"), "./a");

        Assert.Contains("leads out", Assert.Throws<BundleException>(() => AppBundle.Of(_temp.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinkThatLeadsToItselfIsRefused()
    {
        Write("files = [\"site\"]");
        _temp.Write("site/a.txt", "a");
        File.CreateSymbolicLink(Path.Combine(_temp.Path, "site", "link.txt"), "link.txt");

        Assert.Contains("link.txt", Assert.Throws<BundleException>(() => AppBundle.Of(_temp.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinkInsideTheFolderIsFollowed()
    {
        Write("files = [\"site\", \"way/deep\"]");
        _temp.Write("site/a.txt", "a").Write("site/deep/b.txt", "b");
        File.CreateSymbolicLink(Path.Combine(_temp.Path, "site", "link.txt"), "../site/a.txt");
        Directory.CreateSymbolicLink(Path.Combine(_temp.Path, "way"), Path.Combine(_temp.Path, "site"));

        Assert.Contains("site/link.txt", AppBundle.Of(_temp.Path).Names);
        Assert.Contains("way/deep/b.txt", AppBundle.Of(_temp.Path).Names);
    }

    [Fact]
    public void FolderMayBeReachedOverALink()
    {
        Write("files = [\"site\"]");
        _temp.Write("site/a.txt", "a");
        using var other = new TempFolder();
        string link = Path.Combine(other.Path, "link");
        Directory.CreateSymbolicLink(link, _temp.Path);

        Assert.Equal(["app.wat", "site/a.txt", "wisp.toml"], AppBundle.Of(link).Names);
    }

    [Fact]
    public void ImageIsNotSent()
    {
        _temp.Write("wisp.toml", Manifest("").Replace("app.wat", "app.wisp", StringComparison.Ordinal)).Write("app.wisp", "x");

        Assert.Contains("machine code", Assert.Throws<BundleException>(() => AppBundle.Of(_temp.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingProgramIsNamed()
    {
        _temp.Write("wisp.toml", Manifest(""));

        Assert.Contains("app.wat", Assert.Throws<BundleException>(() => AppBundle.Of(_temp.Path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _temp.Dispose();

    private void Write(string component) => _temp.Write("wisp.toml", Manifest(component)).Write("app.wat", "(module)");

    private static string Manifest(string component) => $"""
        [application]
        name = "shop"
        [[trigger.http]]
        route = "/..."
        component = "app"
        [component.app]
        source = "app.wat"
        {component}
        """;

    private static byte[] Bytes(AppBundle bundle)
    {
        var target = new MemoryStream();
        bundle.Write(target);
        return target.ToArray();
    }
}
