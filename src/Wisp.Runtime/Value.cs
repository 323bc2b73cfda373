using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A value of any type, as it crosses the border between host and guest.</summary>
public readonly struct Value : IEquatable<Value>
{
    private readonly UInt128 _bits;
    private readonly object? _reference;

    private Value(ValType type, UInt128 bits, object? reference = null)
    {
        Type = type;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>Its type; for a reference the most general one of its kind, nullable.</summary>
    public ValType Type { get; }

    /// <summary>The low 64 bits of a number or vector; an i32 or f32 has zeros above.</summary>
    public ulong Bits => (ulong)_bits;

    /// <summary>Whether this is a null reference.</summary>
    public bool IsNull => Type.IsReference && _reference is null && _bits == UInt128.Zero;

    /// <summary>An i32.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The value.</returns>
    public static Value FromInt32(int value) => new(ValType.I32, (uint)value);

    /// <summary>An i64.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The value.</returns>
    public static Value FromInt64(long value) => new(ValType.I64, (ulong)value);

    /// <summary>An f32; the bits of a NaN are kept.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The value.</returns>
    public static Value FromSingle(float value) => new(ValType.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f64; the bits of a NaN are kept.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The value.</returns>
    public static Value FromDouble(double value) => new(ValType.F64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A number from its bits.</summary>
    /// <param name="type">i32, i64, f32, f64 or v128.</param>
    /// <param name="bits">The low bits; the others are zero.</param>
    /// <returns>The value.</returns>
    public static Value FromBits(ValType type, ulong bits) =>
        new(type, type.Kind is ValueKind.I32 or ValueKind.F32 ? (uint)bits : bits);

    /// <summary>A v128.</summary>
    /// <param name="value">Its bits; lane 0 is the lowest.</param>
    /// <returns>The value.</returns>
    public static Value FromVector(UInt128 value) => new(ValType.V128, value);

    /// <summary>A v128.</summary>
    /// <param name="value">Its bytes; lane 0 is element 0. Vectors of other elements convert with <c>AsByte()</c>.</param>
    /// <returns>The value.</returns>
    public static Value FromVector128(Vector128<byte> value) => new(ValType.V128, Unsafe.BitCast<Vector128<byte>, UInt128>(value));

    /// <summary>A function reference.</summary>
    /// <param name="function">The function, or null.</param>
    /// <returns>The value.</returns>
    public static Value FromFunction(Function? function) => new(ValType.FuncRef, 0, function);

    /// <summary>An external reference.</summary>
    /// <param name="value">Any object, kept alive by the store that it is passed to; or null.</param>
    /// <returns>The value.</returns>
    public static Value FromExternal(object? value) => new(ValType.ExternRef, 0, value);

    /// <summary>A null reference.</summary>
    /// <param name="type">Its type.</param>
    /// <returns>The value.</returns>
    public static Value Null(ValType type) => new(type, 0);

    /// <summary>Converts an <see cref="int"/>.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Value(int value) => FromInt32(value);

    /// <summary>Converts a <see cref="long"/>.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Value(long value) => FromInt64(value);

    /// <summary>Converts a <see cref="float"/>.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Value(float value) => FromSingle(value);

    /// <summary>Converts a <see cref="double"/>.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Value(double value) => FromDouble(value);

    /// <summary>Compares type and bits, or the referenced objects.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(Value left, Value right) => left.Equals(right);

    /// <summary>Compares type and bits, or the referenced objects.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    /// <summary>The i32.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="InvalidCastException">It is of another type; so for all of these methods.</exception>
    public int AsInt32() => Expect(ValueKind.I32) ? (int)(uint)_bits : 0;

    /// <summary>The i64.</summary>
    /// <returns>The number.</returns>
    public long AsInt64() => Expect(ValueKind.I64) ? (long)(ulong)_bits : 0;

    /// <summary>The f32.</summary>
    /// <returns>The number.</returns>
    public float AsSingle() => Expect(ValueKind.F32) ? BitConverter.UInt32BitsToSingle((uint)_bits) : 0;

    /// <summary>The f64.</summary>
    /// <returns>The number.</returns>
    public double AsDouble() => Expect(ValueKind.F64) ? BitConverter.UInt64BitsToDouble((ulong)_bits) : 0;

    /// <summary>The v128.</summary>
    /// <returns>Its bits.</returns>
    public UInt128 AsVector() => Expect(ValueKind.V128) ? _bits : 0;

    /// <summary>The v128, as the vector instructions of .NET take it.</summary>
    /// <returns>Its bytes; <c>AsInt32()</c> and the like make other elements of them.</returns>
    public Vector128<byte> AsVector128() => Unsafe.BitCast<UInt128, Vector128<byte>>(AsVector());

    /// <summary>The function, or null for a null reference.</summary>
    /// <returns>The function.</returns>
    public Function? AsFunction() => Expect(ValueKind.Ref) ? (Function?)_reference : null;

    /// <summary>The host's object behind an external reference, or null.</summary>
    /// <returns>The object.</returns>
    public object? AsExternal() => Expect(ValueKind.Ref) ? _reference : null;

    /// <inheritdoc/>
    public bool Equals(Value other) => Type.Kind == other.Type.Kind && _bits == other._bits
        && (!Type.IsReference || (Type.Heap == other.Type.Heap && Equals(_reference, other._reference)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type.Kind, _bits, _reference);

    /// <summary>The value as text.</summary>
    /// <returns>A number in decimal, a vector in hexadecimal, a reference by what it refers to.</returns>
    public override string ToString() => Type.Kind switch
    {
        ValueKind.I32 => AsInt32().ToString(CultureInfo.InvariantCulture),
        ValueKind.I64 => AsInt64().ToString(CultureInfo.InvariantCulture),
        ValueKind.F32 => AsSingle().ToString(CultureInfo.InvariantCulture),
        ValueKind.F64 => AsDouble().ToString(CultureInfo.InvariantCulture),
        ValueKind.V128 => $"0x{_bits:x32}",
        _ => IsNull ? "null" : _reference?.ToString() ?? $"0x{_bits:x}",
    };

    internal static Value FromHandle(ValType type, ulong handle) => new(type, handle);

    private bool Expect(ValueKind kind) => Type.Kind == kind
        ? true
        : throw new InvalidCastException($"the value is of type {Type.Kind}, not {kind}");
}
