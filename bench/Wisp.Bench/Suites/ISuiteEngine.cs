namespace Wisp.Bench.Suites;

/// <summary>An engine that runs the programs of a suite.</summary>
internal interface ISuiteEngine : IDisposable
{
    string Name { get; }

    /// <summary>Compiles a program; the result runs it in a directory, as often as asked.</summary>
    ISuiteProgramRunner Prepare(SuiteProgram program);
}

/// <summary>A program that an engine has compiled.</summary>
internal interface ISuiteProgramRunner : IDisposable
{
    /// <summary>Runs it once in a new instance.</summary>
    SuiteRun Run(string folder);
}
