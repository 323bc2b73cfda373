using Wisp.Wasm.Model;

namespace Wisp.Cli.Scripts;

// https://github.com/WebAssembly/spec/tree/main/interpreter#spectest-host-module

/// <summary>The host module that the specification's test suite imports from.</summary>
internal static class SpectestModule
{
    private const string Name = "spectest";

    /// <summary>Defines its exports. The functions that print print nothing: what they would print is nobody's business.</summary>
    /// <param name="linker">The linker.</param>
    /// <param name="store">The store that owns its memories, tables and globals.</param>
    public static void Define(Linker linker, Store store)
    {
        DefinePrint(linker, "print");
        DefinePrint(linker, "print_i32", ValType.I32);
        DefinePrint(linker, "print_i64", ValType.I64);
        DefinePrint(linker, "print_f32", ValType.F32);
        DefinePrint(linker, "print_f64", ValType.F64);
        DefinePrint(linker, "print_i32_f32", ValType.I32, ValType.F32);
        DefinePrint(linker, "print_f64_f64", ValType.F64, ValType.F64);
        DefineGlobal(linker, store, "global_i32", Value.FromInt32(666));
        DefineGlobal(linker, store, "global_i64", Value.FromInt64(666));
        DefineGlobal(linker, store, "global_f32", Value.FromSingle(666.6f));
        DefineGlobal(linker, store, "global_f64", Value.FromDouble(666.6));
        DefineTable(linker, store, "table", is64: false);
        DefineTable(linker, store, "table64", is64: true);
        DefineMemory(linker, store, "memory", isShared: false);
        DefineMemory(linker, store, "shared_memory", isShared: true);
    }

    private static void DefinePrint(Linker linker, string name, params ValType[] parameters) =>
        linker.DefineFunction(Name, name, new FunctionType(parameters, []), static (ref HostCall _) => { });

    private static void DefineGlobal(Linker linker, Store store, string name, Value value) =>
        linker.Define(Name, name, new Global(store, new GlobalType(value.Type, IsMutable: false), value));

    private static void DefineTable(Linker linker, Store store, string name, bool is64) => linker.Define(
        Name, name, new Table(store, new TableType(ValType.FuncRef, new Limits(10, 20), is64), Value.Null(ValType.FuncRef)));

    private static void DefineMemory(Linker linker, Store store, string name, bool isShared) =>
        linker.Define(Name, name, new Memory(store, new MemoryType(new Limits(1, 2), Is64: false, isShared)));
}
