using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Wisp.Repository.Tests;

/// <summary>What the pages promise is there.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void ReadmeStartsWithItsTwoCommands()
    {
        string readme = Repository.Read("README.md");
        string firstScreen = readme[..readme.IndexOf("\n## ", StringComparison.Ordinal)];
        Assert.True(firstScreen.AsSpan().Count('\n') < 30);

        Assert.Equal(
            ["dotnet run -c Release --project src/Wisp.Cli -- up samples/hello", "dotnet test -c Release"],
            CommandLine().Matches(firstScreen).Select(match => match.Groups[1].Value.Trim()));
        Assert.True(Repository.Exists("samples/hello/wisp.toml"));
    }

    [Fact]
    public void LinksBetweenPagesLeadSomewhere()
    {
        string[] pages = ["README.md", "CHANGELOG.md", .. Repository.Files("docs", "*.md"), .. Repository.Files("samples", "*.md")];
        foreach (string page in pages)
        {
            foreach (Match link in RelativeLink().Matches(Repository.Read(page)))
            {
                string target = Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value);
                Assert.True(Repository.Exists(target), $"{page} links to {link.Groups[1].Value}, which is not there");
            }
        }
    }

    [Fact]
    public void EveryPackageHasItsReason()
    {
        string reasons = Repository.Read("docs/dependencies.md");
        foreach (XElement package in XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion"))
        {
            string name = package.Attribute("Include")!.Value;
            Assert.True(reasons.Contains($"| {name} |", StringComparison.Ordinal), $"docs/dependencies.md says nothing about {name}");
        }
    }

    [GeneratedRegex(@"^(dotnet .*)$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex RelativeLink();
}
