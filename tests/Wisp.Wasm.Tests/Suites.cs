using System.Runtime.CompilerServices;

namespace Wisp.Wasm.Tests;

/// <summary>Where the suites and guest programs lie: <c>WISP_SUITES</c>, or beside the repository.</summary>
internal static class Suites
{
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("WISP_SUITES") ?? Path.Combine(Root(), "..", "shared", "suites");

    public static string[] Modules()
    {
        string[] folders = [Folder, Path.Combine(Folder, "..", "guests")];
        string[] files = [.. folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.wasm", SearchOption.AllDirectories)).Order()];
        if (files.Length == 0)
        {
            Assert.Skip($"no modules under {Folder}; set WISP_SUITES");
        }

        return files;
    }

    private static string Root([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));
}
