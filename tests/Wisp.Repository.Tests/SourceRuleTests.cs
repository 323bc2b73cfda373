using System.Text.RegularExpressions;

namespace Wisp.Repository.Tests;

/// <summary>Rules of the house style that a scan of the sources can hold.</summary>
public sealed partial class SourceRuleTests
{
    private const int MaxLines = 600;

    /// <summary>The only places where memory is touched without the language's checks, and where the kernel is called.</summary>
    private static readonly string[] UnsafeFolders =
    [
        "src/Wisp.Compiler/Emission/",
        "src/Wisp.Runtime/Memories/",
        "src/Wisp.Runtime/Stacks/",
        "src/Wisp.Runtime/Traps/",
        "src/Wisp.Runtime/Interrupts/",
        "src/Wisp.Runtime/Gc/",
        "src/Wisp.Runtime/Platform/",
        "src/Wisp.Wasi/Platform/",
    ];

    /// <summary>Files that may be longer than others, each with the reason.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    [Fact]
    public void UnsafeCodeStaysInItsFolders()
    {
        foreach (string file in Sources("src"))
        {
            bool mayBeUnsafe = UnsafeFolders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal));
            Match found = UnsafeKeyword().Match(CSharpText.CodeOnly(Repository.Read(file)));
            Assert.True(mayBeUnsafe || !found.Success, $"{file}: {found.Value} outside the folders for unsafe code");
        }
    }

    [Fact]
    public void FilesStaySmall()
    {
        foreach (string file in Sources("src").Concat(Sources("tests")).Concat(Sources("tools")).Concat(Sources("bench")))
        {
            int lines = Repository.Read(file).AsSpan().Count('\n');
            Assert.True(lines <= MaxLines || LongFiles.ContainsKey(file), $"{file}: {lines} lines; split it by concern");
        }
    }

    [Fact]
    public void NothingIsLeftForLater()
    {
        foreach (string file in Sources("src"))
        {
            Match found = LeftForLater().Match(Repository.Read(file));
            Assert.False(found.Success, $"{file}: {found.Value}");
        }
    }

    [Fact]
    public void TypesSayWhatTheyAre()
    {
        foreach (string file in Sources("src"))
        {
            Match found = VagueTypeName().Match(CSharpText.CodeOnly(Repository.Read(file)));
            Assert.False(found.Success, $"{file}: {found.Value}");
        }
    }

    [Theory]
    [InlineData("int x; // unsafe", false)]
    [InlineData("string s = \"unsafe \\\" unsafe\";", false)]
    [InlineData("string s = @\"unsafe \"\" unsafe\";", false)]
    [InlineData("char c = '\"'; unsafe { }", true)]
    [InlineData("/* unsafe */ unsafe void F() { }", true)]
    [InlineData("Unsafe.Add(ref a, 1)", false)]
    public void ScanSeesCodeAlone(string source, bool isUnsafe) =>
        Assert.Equal(isUnsafe, UnsafeKeyword().IsMatch(CSharpText.CodeOnly(source)));

    private static IEnumerable<string> Sources(string folder) =>
        Repository.Files(folder, "*.cs").Where(file => !file.EndsWith(".g.cs", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(unsafe|LibraryImport|DllImport)\b")]
    private static partial Regex UnsafeKeyword();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|NotImplementedException")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"\b(class|struct|record|interface) \w*(Manager|Helper|Utils|Impl|Wrapper)\b")]
    private static partial Regex VagueTypeName();
}
