using Wisp.Bench.Engines;

namespace Wisp.Bench.Suites;

/// <summary>Suite programs in V8, in a child process.</summary>
internal sealed class V8SuiteEngine : ISuiteEngine
{
    public string Name => "v8";

    public ISuiteProgramRunner Prepare(SuiteProgram program) => new Runner(NodeProcess.Start(program.Path), program);

    public void Dispose()
    {
    }

    private sealed class Runner(PeerProcess node, SuiteProgram program) : ISuiteProgramRunner
    {
        public SuiteRun Run(string folder)
        {
            string output = Path.GetTempFileName();
            string error = Path.GetTempFileName();
            try
            {
                long nanoseconds = NodeProcess.Ask(node, new
                {
                    folder,
                    arguments = (string[])[program.Name, .. program.Start.Arguments],
                    input = program.Start.Input is { } input ? Path.Combine(folder, input) : null,
                    output,
                    error,
                    scriptedClock = program.Start.HasScriptedClock,
                }).GetProperty("nanoseconds").GetInt64();
                return new SuiteRun(nanoseconds, File.ReadAllBytes(output), File.ReadAllBytes(error));
            }
            finally
            {
                File.Delete(output);
                File.Delete(error);
            }
        }

        public void Dispose() => node.Dispose();
    }
}
