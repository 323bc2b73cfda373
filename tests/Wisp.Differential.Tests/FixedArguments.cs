using Wasmtime;

namespace Wisp.Differential.Tests;

/// <summary>The arguments of every call: numbers that reach edges, chosen by position.</summary>
internal static class FixedArguments
{
    private static readonly int[] I32 = [7, -1, int.MinValue, 65536];
    private static readonly long[] I64 = [-3, 1L << 40, long.MinValue, 5];
    private static readonly float[] F32 = [1.5f, -0.0f, 3e9f, float.PositiveInfinity];
    private static readonly double[] F64 = [-2.25, 1e300, 0.0, 4294967296.5];

    private static readonly UInt128[] V128 =
    [
        new(0x8000_7FFF_0000_FFFF, 0x0102_0304_0506_0708), UInt128.Zero, UInt128.MaxValue, new(0x3FF0_0000_0000_0000, 0xC1E0_0000_4F00_0000),
    ];

    public static Value Wisp(Wasm.Model.ValueKind kind, int position) => kind switch
    {
        Wasm.Model.ValueKind.I32 => I32[position % 4],
        Wasm.Model.ValueKind.I64 => I64[position % 4],
        Wasm.Model.ValueKind.F32 => F32[position % 4],
        Wasm.Model.ValueKind.F64 => F64[position % 4],
        Wasm.Model.ValueKind.V128 => Value.FromVector(V128[position % 4]),
        _ => Value.Null(Wasm.Model.ValType.FuncRef),
    };

    public static ValueBox Wasmtime(global::Wasmtime.ValueKind kind, int position) => kind switch
    {
        global::Wasmtime.ValueKind.Int32 => I32[position % 4],
        global::Wasmtime.ValueKind.Int64 => I64[position % 4],
        global::Wasmtime.ValueKind.Float32 => F32[position % 4],
        global::Wasmtime.ValueKind.Float64 => F64[position % 4],
        global::Wasmtime.ValueKind.V128 => new V128(BitConverter.GetBytes(V128[position % 4])),
        _ => throw new NotSupportedException($"argument of kind {kind}"),
    };
}
