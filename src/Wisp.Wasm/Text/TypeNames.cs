using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

/// <summary>How types are written in the text format.</summary>
public static class TypeNames
{
    private static readonly string[] Shorthands =
    [
        "funcref", "externref", "anyref", "eqref", "i31ref", "structref", "arrayref", "exnref", "nullref", "nullfuncref",
        "nullexternref", "nullexnref",
    ];

    private static readonly string[] Heaps =
    [
        "func", "extern", "any", "eq", "i31", "struct", "array", "exn", "none", "nofunc", "noextern", "noexn",
    ];

    /// <summary>The text of a value type.</summary>
    /// <param name="type">The type.</param>
    /// <returns>For example <c>i32</c>, <c>funcref</c> or <c>(ref null 3)</c>.</returns>
    public static string Of(ValType type) => type.Kind switch
    {
        ValueKind.I32 => "i32",
        ValueKind.I64 => "i64",
        ValueKind.F32 => "f32",
        ValueKind.F64 => "f64",
        ValueKind.V128 => "v128",
        ValueKind.Ref when type.IsNullable && !type.Heap.IsConcrete => Shorthands[-1 - type.Heap.Code],
        ValueKind.Ref => type.IsNullable ? $"(ref null {Of(type.Heap)})" : $"(ref {Of(type.Heap)})",
        _ => "bottom",
    };

    /// <summary>The text of a heap type.</summary>
    /// <param name="heap">The type.</param>
    /// <returns>For example <c>func</c>, or the index of a defined type.</returns>
    public static string Of(HeapType heap) => heap.IsConcrete ? $"{heap.Code}" : Heaps[-1 - heap.Code];
}
