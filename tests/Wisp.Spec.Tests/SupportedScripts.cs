namespace Wisp.Spec.Tests;

/// <summary>Scripts of which not every assertion can hold, with the reason. Every other script must pass without a skip.</summary>
internal static class SupportedScripts
{
    private const string Collected = "structures, arrays, i31 and casts are not compiled yet";
    private const string Exceptions = "exceptions are not compiled yet";
    private const string Atomics = "atomic instructions are not compiled yet";

    /// <summary>For now: they use instructions that are decoded and validated, but refused by the compiler.</summary>
    public static readonly IReadOnlyDictionary<string, string> ForNow = new Dictionary<string, string>
    {
        ["array.wast"] = Collected,
        ["array_copy.wast"] = Collected,
        ["array_fill.wast"] = Collected,
        ["array_init_data.wast"] = Collected,
        ["array_init_elem.wast"] = Collected,
        ["array_new_data.wast"] = Collected,
        ["array_new_elem.wast"] = Collected,
        ["br_on_cast.wast"] = Collected,
        ["br_on_cast_fail.wast"] = Collected,
        ["extern.wast"] = Collected,
        ["i31.wast"] = Collected,
        ["ref_cast.wast"] = Collected,
        ["ref_eq.wast"] = Collected,
        ["ref_test.wast"] = Collected,
        ["struct.wast"] = Collected,
        ["type-subtyping.wast"] = Collected,
        ["instance.wast"] = Exceptions,
        ["throw.wast"] = Exceptions,
        ["throw_ref.wast"] = Exceptions,
        ["try_table.wast"] = Exceptions,
        ["proposals/threads/atomic.wast"] = Atomics,
    };

    /// <summary>For good: number of assertions that WebAssembly 3.0 has made wrong, and why.</summary>
    public static readonly IReadOnlyDictionary<string, (int Assertions, string Reason)> ForGood =
        new Dictionary<string, (int, string)>
        {
            // The proposal's copies are of WebAssembly 2.0.
            // https://webassembly.github.io/spec/core/appendix/changes.html#release-3-0
            ["proposals/threads/imports.wast"] = (6, "a module may have several memories, and several tables"),
            ["proposals/threads/memory.wast"] = (5, "several memories; too large a limit is invalid, not malformed"),
        };

    /// <summary>Why a script may skip assertions, or null if it may not.</summary>
    public static string? ReasonToSkip(string script) => ForNow.GetValueOrDefault(script);
}
