namespace Wisp.Wasi;

/// <summary>The program ended itself, by <c>proc_exit</c>. It comes out of the call that ran the program.</summary>
/// <param name="code">Its exit code; zero is success.</param>
public sealed class WasiExitException(uint code) : Exception($"the program exited with code {code}")
{
    /// <summary>The exit code; zero is success. The host's own process keeps the low eight bits.</summary>
    public uint Code { get; } = code;
}
