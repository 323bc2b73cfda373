using Wisp.Bench.Engines;

namespace Wisp.Bench.Suites;

/// <summary>Suite programs in V8, in a child process.</summary>
internal sealed class V8SuiteEngine : ISuiteEngine
{
    public string Name => "v8";

    public ISuiteProgramRunner Prepare(SuiteProgram program) => new Runner(program);

    public void Dispose()
    {
    }

    private sealed class Runner(SuiteProgram program) : ISuiteProgramRunner
    {
        private PeerProcess _node = NodeProcess.Start(program.Path);

        // node 20 crashes in its collector after some WASI instances with vectors; a new process goes on where that one was.
        public SuiteRun Run(string folder)
        {
            try
            {
                return RunOnce(folder);
            }
            catch (PeerEndedException)
            {
                _node.Dispose();
                _node = NodeProcess.Start(program.Path);
                return RunOnce(folder);
            }
        }

        public void Dispose() => _node.Dispose();

        private SuiteRun RunOnce(string folder)
        {
            string output = Path.GetTempFileName();
            string error = Path.GetTempFileName();
            try
            {
                long nanoseconds = NodeProcess.Ask(_node, new
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
    }
}
