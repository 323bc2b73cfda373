namespace Wisp.Cli.Scripts;

/// <summary>Runs script files and folders of them, as <c>wisp wast</c> does.</summary>
internal static class ScriptFiles
{
    /// <summary>Runs scripts.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="paths">Files, and folders whose <c>.wast</c> files are meant.</param>
    /// <param name="output">Gets a line for each file, and the totals last.</param>
    /// <param name="errors">Gets a line for each failure, and for each reason to skip.</param>
    /// <returns>Whether nothing failed.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static bool Run(Engine engine, IEnumerable<string> paths, TextWriter output, TextWriter errors)
    {
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        foreach (string file in paths.SelectMany(Expand))
        {
            ScriptReport report = ScriptRunner.Run(engine, file, File.ReadAllBytes(file));
            foreach (string fault in report.Faults)
            {
                errors.WriteLine(fault);
            }

            output.WriteLine(report);
            passed += report.Passed;
            failed += report.Failed;
            skipped += report.Skipped;
        }

        output.WriteLine($"passed {passed}, failed {failed}, skipped {skipped}");
        return failed == 0;
    }

    private static IEnumerable<string> Expand(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.wast").Order(StringComparer.Ordinal)
        : [path];
}
