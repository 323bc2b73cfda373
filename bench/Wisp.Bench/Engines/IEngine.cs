namespace Wisp.Bench.Engines;

/// <summary>An engine under test, reduced to what the tables compare.</summary>
internal interface IEngine : IDisposable
{
    string Name { get; }

    ICompiledModule Compile(byte[] wasm);
}

/// <summary>A module that an engine has compiled.</summary>
internal interface ICompiledModule : IDisposable
{
    IRunningInstance Instantiate();
}

/// <summary>An instance, in a store of its own that is disposed with it.</summary>
internal interface IRunningInstance : IDisposable
{
    /// <summary>Calls the export <c>run(i32) -> i64</c>.</summary>
    long Run(int n);

    /// <summary>Calls the export <paramref name="name"/> with no arguments and no results, any number of times.</summary>
    void CallVoid(string name, int times);

    /// <summary>Calls an export that traps, and swallows the engine's exception.</summary>
    void CallTrap(string name, int times);
}
