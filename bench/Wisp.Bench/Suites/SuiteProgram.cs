namespace Wisp.Bench.Suites;

// A program of a suite folder:
//
//   NAME.wasm                      imports bench.start and bench.end around the timed part, or is a plain WASI program, timed whole
//   NAME.stdout.expected           what it writes, where the suite says so; default.stdout.expected serves every program beside it
//   anything else                  its input, in the directory that it finds as "."

/// <summary>A WASI program with its inputs.</summary>
/// <param name="Name">Its folder and name.</param>
/// <param name="Wasm">Its module.</param>
/// <param name="Folder">Where its inputs are; programs run in a copy.</param>
/// <param name="ExpectedOutput">What it must write to standard output, or null.</param>
internal sealed record SuiteProgram(string Name, byte[] Wasm, string Folder, string? ExpectedOutput)
{
    public static IEnumerable<SuiteProgram> In(IEnumerable<string> folders, string? filter)
    {
        foreach (string folder in folders)
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                string place = Path.GetDirectoryName(file)!;
                string name = Path.GetFileNameWithoutExtension(file);
                string title = name is "benchmark" or "default" ? Path.GetFileName(place) : name;
                if (filter is null || title.Contains(filter, StringComparison.Ordinal))
                {
                    yield return new SuiteProgram(title, File.ReadAllBytes(file), place, Expected(place, name));
                }
            }
        }
    }

    private static string? Expected(string place, string name)
    {
        foreach (string candidate in (ReadOnlySpan<string>)[name, "default"])
        {
            string path = Path.Combine(place, candidate + ".stdout.expected");
            if (File.Exists(path))
            {
                return File.ReadAllText(path);
            }
        }

        return null;
    }
}

/// <summary>What a run showed.</summary>
/// <param name="Nanoseconds">CPU time of the thread between bench.start and bench.end, or of the whole program.</param>
/// <param name="Output">Standard output.</param>
internal sealed record SuiteRun(long Nanoseconds, string Output);

/// <summary>Takes the time at the marks of a program.</summary>
internal sealed class MarkedClock
{
    private readonly long _begin = Measuring.CpuClock.ThreadNanoseconds;
    private long _start;
    private long _end;

    public void Start() => _start = Measuring.CpuClock.ThreadNanoseconds;

    public void End() => _end = Measuring.CpuClock.ThreadNanoseconds;

    public long Elapsed => _end != 0 ? _end - _start : Measuring.CpuClock.ThreadNanoseconds - _begin;
}

/// <summary>An engine that runs the programs of a suite.</summary>
internal interface ISuiteEngine : IDisposable
{
    /// <summary>Compiles a program; the result runs it in a directory, as often as asked.</summary>
    Func<string, SuiteRun> Prepare(SuiteProgram program);
}
