using Wisp.Wasm.Model;

namespace Wisp.Linking;

/// <summary>Engine-wide ids of function types that the host makes up.</summary>
internal static class HostTypes
{
    /// <exception cref="ArgumentException">The type names a type of a module, which the host has none of.</exception>
    public static uint IdOf(Engine engine, FunctionType type)
    {
        foreach (ValType value in (ReadOnlySpan<ValType>)[.. type.Parameters, .. type.Results])
        {
            if (value.IsReference && value.Heap.IsConcrete)
            {
                throw new ArgumentException("a host function's type cannot name a type of a module");
            }
        }

        // A type of its own recursion group, as the text format's (func ...) abbreviation makes one.
        var module = new WasmModule { Bytes = default, Types = [new DefinedType(type, null, true, 0, 1)] };
        return engine.Types.Canonicalize(module, new TypeIndex(0));
    }
}
