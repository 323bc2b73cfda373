namespace Wisp.Wasm.Model;

/// <summary>The kind of a value type.</summary>
public enum ValueKind : byte
{
    /// <summary>No type: the bottom of the type lattice, only seen on the operand stack of unreachable code.</summary>
    Bottom,

    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>32-bit IEEE 754 number.</summary>
    F32,

    /// <summary>64-bit IEEE 754 number.</summary>
    F64,

    /// <summary>128-bit vector.</summary>
    V128,

    /// <summary>Reference, described by a heap type and nullability.</summary>
    Ref,
}

/// <summary>A heap type: an abstract one, or the index of a type that the module defines.</summary>
/// <param name="Code">Zero or more: a type index. Negative: one of the abstract types below.</param>
/// <remarks>Source: <see href="https://webassembly.github.io/spec/core/syntax/types.html#heap-types">heap types</see>.</remarks>
public readonly record struct HeapType(int Code)
{
    /// <summary>Any function.</summary>
    public static readonly HeapType Func = new(-1);

    /// <summary>Any value of the embedder.</summary>
    public static readonly HeapType Extern = new(-2);

    /// <summary>Any internal reference.</summary>
    public static readonly HeapType Any = new(-3);

    /// <summary>References that can be compared.</summary>
    public static readonly HeapType Eq = new(-4);

    /// <summary>Unboxed 31-bit integers.</summary>
    public static readonly HeapType I31 = new(-5);

    /// <summary>Any structure.</summary>
    public static readonly HeapType Struct = new(-6);

    /// <summary>Any array.</summary>
    public static readonly HeapType Array = new(-7);

    /// <summary>Any exception.</summary>
    public static readonly HeapType Exn = new(-8);

    /// <summary>The bottom of the internal references.</summary>
    public static readonly HeapType None = new(-9);

    /// <summary>The bottom of the function references.</summary>
    public static readonly HeapType NoFunc = new(-10);

    /// <summary>The bottom of the external references.</summary>
    public static readonly HeapType NoExtern = new(-11);

    /// <summary>The bottom of the exception references.</summary>
    public static readonly HeapType NoExn = new(-12);

    /// <summary>Whether this is an index of a type that the module defines.</summary>
    public bool IsConcrete => Code >= 0;

    /// <summary>The defined type; only meaningful when <see cref="IsConcrete"/>.</summary>
    public TypeIndex Type => new(Code);

    /// <summary>The heap type of a type that the module defines.</summary>
    /// <param name="type">Its index.</param>
    /// <returns>The concrete heap type.</returns>
    public static HeapType Concrete(TypeIndex type) => new(type.Index);
}

/// <summary>A value type.</summary>
/// <param name="Kind">Number, vector or reference.</param>
/// <param name="IsNullable">For a reference, whether null belongs to the type; false otherwise.</param>
/// <param name="Heap">For a reference, what it refers to; <c>default</c> otherwise.</param>
/// <remarks>Source: <see href="https://webassembly.github.io/spec/core/syntax/types.html#value-types">value types</see>.</remarks>
public readonly record struct ValType(ValueKind Kind, bool IsNullable = false, HeapType Heap = default)
{
    /// <summary>32-bit integer.</summary>
    public static readonly ValType I32 = new(ValueKind.I32);

    /// <summary>64-bit integer.</summary>
    public static readonly ValType I64 = new(ValueKind.I64);

    /// <summary>32-bit floating point.</summary>
    public static readonly ValType F32 = new(ValueKind.F32);

    /// <summary>64-bit floating point.</summary>
    public static readonly ValType F64 = new(ValueKind.F64);

    /// <summary>128-bit vector.</summary>
    public static readonly ValType V128 = new(ValueKind.V128);

    /// <summary>Nullable reference to any function.</summary>
    public static readonly ValType FuncRef = new(ValueKind.Ref, true, HeapType.Func);

    /// <summary>Nullable reference to any value of the embedder.</summary>
    public static readonly ValType ExternRef = new(ValueKind.Ref, true, HeapType.Extern);

    /// <summary>Nullable reference to any exception.</summary>
    public static readonly ValType ExnRef = new(ValueKind.Ref, true, HeapType.Exn);

    /// <summary>Whether this is a reference type.</summary>
    public bool IsReference => Kind == ValueKind.Ref;

    /// <summary>Whether this is a number or vector type.</summary>
    public bool IsNumeric => Kind is >= ValueKind.I32 and <= ValueKind.V128;

    /// <summary>Whether a local of this type starts with a value: zero or null.</summary>
    public bool IsDefaultable => Kind != ValueKind.Ref || IsNullable;

    /// <summary>A reference type.</summary>
    /// <param name="nullable">Whether null belongs to it.</param>
    /// <param name="heap">What it refers to.</param>
    /// <returns>The type.</returns>
    public static ValType Reference(bool nullable, HeapType heap) => new(ValueKind.Ref, nullable, heap);
}
