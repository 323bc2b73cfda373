using Wisp.Bench.Measuring;
using Wisp.Bench.Suites;

namespace Wisp.Bench.Tables;

/// <summary>Run time of a suite's programs between their marks, in both engines, outputs checked.</summary>
internal static class SuiteTable
{
    public static void Run(RatioTable table, IEnumerable<string> folders, bool interruptiblePeer, int rounds, string? filter)
    {
        const string Table = "run time of the suite";
        using var wisp = new WispSuiteEngine();
        using var peer = new WasmtimeSuiteEngine(interruptiblePeer);
        table.Begin(Table);
        foreach (SuiteProgram program in SuiteProgram.In(folders, filter))
        {
            // One program that an engine refuses must not end the table; what it said stands in its row's place.
            try
            {
                table.Add(Compare(Table, program, wisp, peer, rounds));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Console.WriteLine($"{program.Name,-34}{e.Message.Split('\n')[0]}");
            }
        }

        table.End(Table);
    }

    private static Row Compare(string table, SuiteProgram program, ISuiteEngine wisp, ISuiteEngine peer, int rounds)
    {
        Func<string, SuiteRun> ours = wisp.Prepare(program);
        Func<string, SuiteRun> theirs = peer.Prepare(program);
        string? expected = program.ExpectedOutput;
        (long first, long second) = Paired.Minimum(rounds, () => Timed(ours, "wisp"), () => Timed(theirs, "wasmtime"));
        return new Row(table, program.Name, first, second);

        long Timed(Func<string, SuiteRun> run, string engine)
        {
            string folder = CopyOf(program.Folder);
            try
            {
                SuiteRun result = run(folder);
                if (expected is not null && result.Output != expected)
                {
                    throw new InvalidOperationException($"{engine} wrote {result.Output.Length} characters that are not the expected ones");
                }

                return result.Nanoseconds;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static string CopyOf(string folder)
    {
        string copy = Directory.CreateTempSubdirectory("wisp-bench-").FullName;
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => !file.EndsWith(".wasm", StringComparison.Ordinal)))
        {
            File.WriteAllBytes(Path.Combine(copy, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        return copy;
    }
}
