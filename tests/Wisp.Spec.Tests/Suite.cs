using System.Runtime.CompilerServices;

namespace Wisp.Spec.Tests;

/// <summary>Where the specification's test suite lies: <c>WISP_SUITES</c>, or beside the repository.</summary>
internal static class Suite
{
    private static readonly string Folder = Path.Combine(
        Environment.GetEnvironmentVariable("WISP_SUITES") ?? Path.Combine(Root(), "..", "shared", "suites"),
        "testsuite");

    /// <summary>A marker for the one case that stands for a suite that is not there.</summary>
    public const string Absent = "(no suite)";

    /// <summary>Names of all scripts of WebAssembly 3.0, and of the threads proposal.</summary>
    public static IEnumerable<string> Scripts()
    {
        if (!Directory.Exists(Folder))
        {
            return [Absent];
        }

        return ScriptsIn("").Concat(ScriptsIn("proposals/threads"));
    }

    /// <summary>The text of a script.</summary>
    public static byte[] Read(string script)
    {
        if (script == Absent)
        {
            Assert.Skip($"no suite under {Folder}; set WISP_SUITES");
        }

        return File.ReadAllBytes(Path.Combine(Folder, script));
    }

    private static IEnumerable<string> ScriptsIn(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.wast")
            .Select(path => Path.Combine(folder, Path.GetFileName(path))).Order(StringComparer.Ordinal);

    private static string Root([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));
}
