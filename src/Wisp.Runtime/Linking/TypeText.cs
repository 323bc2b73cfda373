using Wisp.Wasm.Model;

namespace Wisp.Linking;

/// <summary>Types in messages, in the words of the text format.</summary>
internal static class TypeText
{
    public static string Of(FunctionType type) =>
        $"[{string.Join(' ', type.Parameters.Select(Of))}] -> [{string.Join(' ', type.Results.Select(Of))}]";

    public static string Of(ValType type) => type.Kind switch
    {
        ValueKind.I32 => "i32",
        ValueKind.I64 => "i64",
        ValueKind.F32 => "f32",
        ValueKind.F64 => "f64",
        ValueKind.V128 => "v128",
        _ => $"(ref {(type.IsNullable ? "null " : string.Empty)}{Of(type.Heap)})",
    };

    public static string Of(Limits limits) => limits.Maximum is { } maximum ? $"{limits.Minimum} {maximum}" : $"{limits.Minimum}";

    private static string Of(HeapType heap) => heap.Code switch
    {
        >= 0 => heap.Code.ToString(System.Globalization.CultureInfo.InvariantCulture),
        -1 => "func",
        -2 => "extern",
        -3 => "any",
        -4 => "eq",
        -5 => "i31",
        -6 => "struct",
        -7 => "array",
        -8 => "exn",
        -9 => "none",
        -10 => "nofunc",
        -11 => "noextern",
        _ => "noexn",
    };
}
