using Wisp.Wasi.Preview1;

namespace Wisp.Wasi;

/// <summary>Gives a linker the functions of WASI preview 1.</summary>
public static class WasiPreview1
{
    /// <summary>The module that programs import them from.</summary>
    public const string SnapshotModule = "wasi_snapshot_preview1";

    /// <summary>The module that programs of 2019 import them from. Some structures and numbers differ, which is taken
    /// care of.</summary>
    public const string UnstableModule = "wasi_unstable";

    /// <summary>Defines all functions of both modules.</summary>
    /// <param name="linker">The linker. It may serve any number of stores.</param>
    /// <param name="contextOf">Finds the context of a store, which must be the same each time. A context serves one
    /// store.</param>
    /// <remarks>Source: <see href="https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md">WASI preview
    /// 1</see>.
    /// <c>proc_exit</c> throws <see cref="WasiExitException"/>, which comes out of the call that ran the
    /// program.</remarks>
    public static void Define(Linker linker, Func<Store, WasiContext> contextOf)
    {
        ArgumentNullException.ThrowIfNull(linker);
        ArgumentNullException.ThrowIfNull(contextOf);
        WasiContext Find(Store store) => contextOf(store).In(store);
        Preview1Binding.DefineSnapshot(linker, SnapshotModule, Find);
        Preview1Binding.DefineUnstable(linker, UnstableModule, Find);
    }
}
