using System.Runtime.CompilerServices;

namespace Wisp.Compiler.Tests;

/// <summary>Files of the suites that stand beside the project, or where WISP_SUITES says.</summary>
internal static class Suites
{
    /// <summary>Files of a suite's folder, sorted; skips the test when the folder is absent.</summary>
    public static string[] Files(string suite, string pattern)
    {
        string suites = Environment.GetEnvironmentVariable("WISP_SUITES") ?? Path.Combine(Root(), "..", "shared", "suites");
        string folder = Path.Combine(suites, suite);
        if (!Directory.Exists(folder))
        {
            Assert.Skip($"no files under {folder}; set WISP_SUITES");
        }

        string[] files = Directory.GetFiles(folder, pattern, SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>The small kernels of the project's own benchmarks.</summary>
    public static string[] Kernels()
    {
        string[] files = Directory.GetFiles(Path.Combine(Root(), "bench", "kernels"), "*.wasm");
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
