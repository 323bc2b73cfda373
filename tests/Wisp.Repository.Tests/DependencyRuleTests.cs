using System.Xml.Linq;

namespace Wisp.Repository.Tests;

/// <summary>A project sees only projects above it in the list of the design.</summary>
public sealed class DependencyRuleTests
{
    private static readonly string[] Order =
    [
        "Wisp.Wasm", "Wisp.Abi", "Wisp.Compiler", "Wisp.Runtime", "Wisp.Permissions", "Wisp.Components", "Wisp.Wasi", "Wisp.Host",
        "Wisp.Cluster", "Wisp.Cli",
    ];

    [Fact]
    public void ProjectsSeeOnlyProjectsAboveThem()
    {
        foreach (string project in Projects("src"))
        {
            int place = Array.IndexOf(Order, Path.GetFileNameWithoutExtension(project));
            Assert.True(place >= 0, $"{project} has no place in the order");
            foreach (string seen in References(project))
            {
                int seenPlace = Array.IndexOf(Order, seen);
                Assert.True(seenPlace >= 0 && seenPlace < place, $"{project} must not see {seen}");
            }
        }
    }

    [Fact]
    public void PermissionsKnowNobody() => Assert.Empty(References("src/Wisp.Permissions/Wisp.Permissions.csproj"));

    [Fact]
    public void CompilerAndRuntimeAgreeThroughTheAbiAlone()
    {
        Assert.Equal(["Wisp.Wasm"], References("src/Wisp.Abi/Wisp.Abi.csproj"));
        Assert.DoesNotContain("Wisp.Runtime", References("src/Wisp.Compiler/Wisp.Compiler.csproj"));
    }

    [Fact]
    public void EveryProjectIsInTheSolution()
    {
        string[] listed = [.. XDocument.Parse(Repository.Read("Wisp.slnx")).Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value).Order(StringComparer.Ordinal)];
        string[] present = [.. new[] { "src", "tests", "tools", "bench", "samples" }.SelectMany(Projects).Order(StringComparer.Ordinal)];

        Assert.Equal(present, listed);
    }

    private static IEnumerable<string> Projects(string folder) => Repository.Files(folder, "*.csproj");

    private static string[] References(string project) => [.. XDocument.Parse(Repository.Read(project))
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];
}
