using Wisp.Tables;

namespace Wisp.Wasm.Tests;

public sealed class GeneratedTablesTests
{
    [Fact]
    public void CheckedInFilesAreWhatTheTablesMake()
    {
        string root = SourceTree.FindRoot();
        foreach (GeneratedFile file in SourceTree.Generate(root))
        {
            string actual = File.ReadAllText(Path.Combine(root, file.Path));
            Assert.True(file.Text == actual, $"{file.Path} is stale: dotnet run --project tools/Wisp.Tables");
        }
    }
}
