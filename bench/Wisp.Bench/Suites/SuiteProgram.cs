namespace Wisp.Bench.Suites;

// A program of a suite folder:
//
//   NAME.wasm                      imports bench.start and bench.end around the timed part, or is a plain WASI program, timed whole
//   NAME.stdout.expected           what it writes, where the suite says so; default.* serves every program beside it
//   NAME.stderr.expected           the same for standard error
//   NAME.args                      its arguments and standard input, as in bench/programs.txt, which is asked when there is none
//   anything else                  its input, in the directory that it finds as "."

/// <summary>A WASI program with its inputs.</summary>
/// <param name="Name">Its folder or name.</param>
/// <param name="Path">Its module.</param>
/// <param name="Folder">Where its inputs are; programs run in a copy.</param>
/// <param name="Start">Its arguments and standard input.</param>
/// <param name="ExpectedOutput">What it must write to standard output, or null.</param>
/// <param name="ExpectedError">What it must write to standard error, or null.</param>
internal sealed record SuiteProgram(
    string Name, string Path, string Folder, ProgramStart Start, byte[]? ExpectedOutput, byte[]? ExpectedError)
{
    public byte[] Wasm { get; } = File.ReadAllBytes(Path);

    public static IEnumerable<SuiteProgram> In(IEnumerable<string> folders, string? filter)
    {
        foreach (string folder in folders)
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                string place = System.IO.Path.GetDirectoryName(file)!;
                string name = System.IO.Path.GetFileNameWithoutExtension(file);
                string title = name is "benchmark" or "default" ? System.IO.Path.GetFileName(place) : name;
                if (filter is null || title.Contains(filter, StringComparison.Ordinal))
                {
                    yield return new SuiteProgram(
                        title, file, place, ProgramStart.Of(place, name, title),
                        Expected(place, name, "stdout"), Expected(place, name, "stderr"));
                }
            }
        }
    }

    private static byte[]? Expected(string place, string name, string stream)
    {
        foreach (string candidate in (ReadOnlySpan<string>)[name, "default"])
        {
            string path = System.IO.Path.Combine(place, $"{candidate}.{stream}.expected");
            if (File.Exists(path))
            {
                return File.ReadAllBytes(path);
            }
        }

        return null;
    }
}
