using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text.Scripts;

/// <summary>The kind of a value in a script, and of what a result must be.</summary>
internal enum ScriptValueKind : byte
{
    /// <summary><c>i32.const</c>.</summary>
    I32,

    /// <summary><c>i64.const</c>.</summary>
    I64,

    /// <summary><c>f32.const</c>.</summary>
    F32,

    /// <summary><c>f64.const</c>.</summary>
    F64,

    /// <summary><c>v128.const</c>.</summary>
    V128,

    /// <summary><c>ref.null</c>.</summary>
    RefNull,

    /// <summary><c>ref.func</c>: any function.</summary>
    RefFunc,

    /// <summary><c>ref.extern</c>: an external reference; as a result without number, any.</summary>
    RefExtern,

    /// <summary><c>ref.host</c>: a value of the host as an internal reference.</summary>
    RefHost,

    /// <summary><c>ref.any</c>: any internal reference.</summary>
    RefAny,

    /// <summary><c>ref.eq</c>: any reference that can be compared.</summary>
    RefEq,

    /// <summary><c>ref.i31</c>: any unboxed integer.</summary>
    RefI31,

    /// <summary><c>ref.struct</c>: any structure.</summary>
    RefStruct,

    /// <summary><c>ref.array</c>: any array.</summary>
    RefArray,

    /// <summary><c>ref.exn</c>: any exception.</summary>
    RefExn,

    /// <summary><c>either</c>: one of several.</summary>
    Either,
}

/// <summary>An argument of an action.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Bits">Bits of a number, lowest 64 of a vector, or the number of a host reference.</param>
/// <param name="HighBits">Highest 64 bits of a vector.</param>
/// <param name="Heap">For a null reference, the heap type it was written with.</param>
internal readonly record struct ScriptValue(
    ScriptValueKind Kind, ulong Bits, ulong HighBits = 0, HeapType Heap = default);

/// <summary>Which NaN a result may be.</summary>
internal enum NanPattern : byte
{
    /// <summary>The bits themselves count.</summary>
    None,

    /// <summary>The payload's top bit alone is set; any sign.</summary>
    Canonical,

    /// <summary>The payload's top bit is set; any sign.</summary>
    Arithmetic,
}

/// <summary>A number that a result or a lane must be.</summary>
/// <param name="Bits">Its bits.</param>
/// <param name="Nan">If not none, counts instead of the bits.</param>
internal readonly record struct NumberPattern(ulong Bits, NanPattern Nan)
{
    /// <summary>Whether a number is as wanted.</summary>
    /// <param name="actual">Its bits.</param>
    /// <param name="width">Its width in bits.</param>
    /// <returns>Whether it matches.</returns>
    public bool Matches(ulong actual, int width)
    {
        if (Nan == NanPattern.None)
        {
            return actual == Bits;
        }

        (ulong sign, ulong quiet) = width == 32
            ? (0x8000_0000UL, 0x7fc0_0000UL) : (0x8000_0000_0000_0000UL, 0x7ff8_0000_0000_0000UL);
        return Nan == NanPattern.Canonical ? (actual & ~sign) == quiet : (actual & quiet) == quiet;
    }
}

/// <summary>What a result must be.</summary>
/// <param name="Kind">Its kind.</param>
internal sealed record ResultPattern(ScriptValueKind Kind)
{
    /// <summary>For a number.</summary>
    public NumberPattern Number { get; init; }

    /// <summary>For a vector, its lanes; their number tells their width.</summary>
    public NumberPattern[] Lanes { get; init; } = [];

    /// <summary>For an external or host reference, the number it must have, if any.</summary>
    public ulong? Reference { get; init; }

    /// <summary>For <see cref="ScriptValueKind.Either"/>, the choices.</summary>
    public ResultPattern[] Choices { get; init; } = [];
}
