using System.Globalization;
using System.Runtime.CompilerServices;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// A value type in 32 bits, so that the usual comparison of two is one instruction.
//
//   31                                   4   3        2..0
//   ┌────────────────────────────────────┬──────────┬───────────┐
//   │ heap type's code, signed; else 0   │ nullable │ ValueKind │
//   └────────────────────────────────────┴──────────┴───────────┘
//
// All zero is the bottom type. A heap type of its own, BottomHeap, stands for what ref.as_non_null makes of an unknown operand: some
// reference, but nobody knows of what.

/// <summary>The type of an operand on the validator's stack.</summary>
/// <param name="Bits">See the picture.</param>
internal readonly record struct OperandType(int Bits)
{
    public const int BottomHeap = -16;

    private const int HeapShift = 4;
    private const int NullableBit = 8;
    private const int KindMask = 7;

    public static readonly OperandType Bottom = new(0);
    public static readonly OperandType I32 = new((int)ValueKind.I32);
    public static readonly OperandType I64 = new((int)ValueKind.I64);
    public static readonly OperandType F32 = new((int)ValueKind.F32);
    public static readonly OperandType F64 = new((int)ValueKind.F64);
    public static readonly OperandType V128 = new((int)ValueKind.V128);

    public bool IsBottom => Bits == 0;

    public ValueKind Kind => (ValueKind)(Bits & KindMask);

    public bool IsReference => Kind == ValueKind.Ref;

    public bool IsNullable => (Bits & NullableBit) != 0;

    public int HeapCode => Bits >> HeapShift;

    public OperandType AsNonNull => new(Bits & ~NullableBit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OperandType From(ValType type) =>
        new((type.Heap.Code << HeapShift) | (type.IsNullable ? NullableBit : 0) | (int)type.Kind);

    public static OperandType Reference(bool nullable, HeapType heap) => Reference(nullable, heap.Code);

    public static OperandType Reference(bool nullable, int heapCode) =>
        new((heapCode << HeapShift) | (nullable ? NullableBit : 0) | (int)ValueKind.Ref);

    public override string ToString() => Kind switch
    {
        ValueKind.Bottom => "bot",
        ValueKind.Ref => $"(ref {(IsNullable ? "null " : "")}{HeapText(HeapCode)})",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    private static string HeapText(int code) => code switch
    {
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
        -12 => "noexn",
        BottomHeap => "bot",
        _ => code.ToString(CultureInfo.InvariantCulture),
    };
}
