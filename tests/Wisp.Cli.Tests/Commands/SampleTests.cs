namespace Wisp.Cli.Tests.Commands;

/// <summary>Each sample that is an app answers as its own cases say: C, Rust, AssemblyScript and Go, several routes, cron, permissions.</summary>
public sealed class SampleTests
{
    public static TheoryData<string> Apps =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), "wisp.toml", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order()];

    [Theory]
    [MemberData(nameof(Apps))]
    public void AnswersAsItsCasesSay(string app)
    {
        WispResult result = WispProcess.Run("test", $"samples/{app}", "--log");

        Assert.True(result.Code == 0, result.Output + result.Error);
        Assert.DoesNotContain("0 passed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ThereIsOneOfEachLanguage()
    {
        string[] expected = ["hello", "rust-words", "assemblyscript-slug", "go-lines", "shop", "files"];

        Assert.Subset(Apps.Select(row => row.Data).ToHashSet(), expected.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void SaysHowItWasBuilt(string app)
    {
        string manifest = File.ReadAllText(Path.Combine(Repository.Root, "samples", app, "wisp.toml"));
        string samples = File.ReadAllText(Path.Combine(Repository.Root, "samples/README.md"));

        Assert.Contains("build.command", manifest, StringComparison.Ordinal);
        Assert.Contains($"]({app}/", samples, StringComparison.Ordinal);
    }
}
