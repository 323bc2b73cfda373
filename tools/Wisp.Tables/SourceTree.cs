namespace Wisp.Tables;

/// <summary>A file that a table makes.</summary>
/// <param name="Path">Relative to the root of the repository, with forward slashes.</param>
/// <param name="Text">All of it.</param>
internal sealed record GeneratedFile(string Path, string Text);

/// <summary>One text table and the source files made from it.</summary>
internal interface ITableGenerator
{
    /// <summary>The table, relative to the root of the repository.</summary>
    string Table { get; }

    /// <summary>Makes the files.</summary>
    /// <param name="lines">The table's lines.</param>
    IEnumerable<GeneratedFile> Generate(string[] lines);
}

/// <summary>Where tables are and what is made from them.</summary>
internal static class SourceTree
{
    // A new table is a class of its own and a line here.
    private static readonly ITableGenerator[] Generators =
    [
        new OpcodeGenerator(),
        new WasiGenerator(),
        new TrapGenerator(),
        new X64Generator(),
    ];

    /// <summary>The files that all tables make.</summary>
    /// <param name="root">The root of the repository.</param>
    public static IEnumerable<GeneratedFile> Generate(string root) => Generators.SelectMany(
        generator => generator.Generate(File.ReadAllLines(Path.Combine(root, generator.Table))));

    /// <summary>The folder above this program that holds the solution.</summary>
    public static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Wisp.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no Wisp.slnx above {AppContext.BaseDirectory}");
    }
}
