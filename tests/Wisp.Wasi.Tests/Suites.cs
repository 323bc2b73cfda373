namespace Wisp.Wasi.Tests;

/// <summary>Where the suites lie: <c>WISP_SUITES</c>, or <c>../shared/suites</c> from the root of the
/// repository.</summary>
internal static class Suites
{
    private static readonly string Folder = FindFolder();

    /// <summary>A path in the suites.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) =>
        Path.GetFullPath(Path.Combine([Folder, .. parts]));

    /// <summary>The files of a folder in order of name, or one empty row when there are none, whose test then skips
    /// itself.</summary>
    public static TheoryData<string> Rows(string folder, string pattern)
    {
        TheoryData<string> rows = [];
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.GetFiles(folder, pattern,
                SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                rows.Add(Path.GetRelativePath(folder, file));
            }
        }

        if (rows.Count == 0)
        {
            rows.Add("");
        }

        return rows;
    }

    /// <summary>Skips the running test when its row is empty.</summary>
    public static void SkipWhenMissing(string row, string folder)
    {
        if (row.Length == 0)
        {
            Assert.Skip($"no suite in {folder}: set WISP_SUITES");
        }
    }

    private static string FindFolder()
    {
        if (Environment.GetEnvironmentVariable("WISP_SUITES") is { Length: > 0 } set)
        {
            return set;
        }

        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Wisp.slnx")))
        {
            root = root.Parent;
        }

        return Path.Combine(root?.FullName ?? ".", "..", "shared", "suites");
    }
}
