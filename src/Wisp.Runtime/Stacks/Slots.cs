using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp.Stacks;

/// <summary>Reads and writes values in argument and result slots, globals and tables.</summary>
internal static class Slots
{
    /// <summary>The slot kind of a .NET type, which the JIT folds to a constant.</summary>
    /// <exception cref="NotSupportedException">No WebAssembly type stands for it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SlotKind KindOf<T>() =>
        typeof(T) == typeof(int) || typeof(T) == typeof(uint) ? SlotKind.I32
        : typeof(T) == typeof(long) || typeof(T) == typeof(ulong) ? SlotKind.I64
        : typeof(T) == typeof(float) ? SlotKind.F32
        : typeof(T) == typeof(double) ? SlotKind.F64
        : typeof(T) == typeof(UInt128) || typeof(T) == typeof(Vector128<byte>) ? SlotKind.V128
        : typeof(T) == typeof(Function) ? SlotKind.Function
        : typeof(T) == typeof(object) ? SlotKind.External
        : throw new NotSupportedException(
            $"{typeof(T)} is no WebAssembly type; use int, uint, long, ulong, float, double, UInt128, Vector128<byte>, Function or object");

    /// <summary>The value type that a .NET type stands for.</summary>
    public static ValType TypeOf<T>() => KindOf<T>() switch
    {
        SlotKind.I32 => ValType.I32,
        SlotKind.I64 => ValType.I64,
        SlotKind.F32 => ValType.F32,
        SlotKind.F64 => ValType.F64,
        SlotKind.V128 => ValType.V128,
        SlotKind.Function => ValType.FuncRef,
        _ => ValType.ExternRef,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(nint slot, T value, Store store)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
        {
            RawMemory.Write64(slot, Unsafe.As<T, uint>(ref value));   // upper half zero: CallingConvention
        }
        else if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong) || typeof(T) == typeof(double))
        {
            RawMemory.Write64(slot, Unsafe.As<T, ulong>(ref value));
        }
        else if (typeof(T) == typeof(float))
        {
            RawMemory.Write64(slot, Unsafe.As<T, uint>(ref value));
        }
        else if (typeof(T) == typeof(UInt128) || typeof(T) == typeof(Vector128<byte>))
        {
            RawMemory.Write128(slot, Unsafe.As<T, UInt128>(ref value));   // both are 16 bytes, lane 0 the lowest
        }
        else if (typeof(T) == typeof(Function))
        {
            RawMemory.Write64(slot, store.References.FromFunction((Function?)(object?)value));
        }
        else
        {
            RawMemory.Write64(slot, store.References.FromExternal(value));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(nint slot, Store store)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint) || typeof(T) == typeof(float))
        {
            uint bits = RawMemory.Read32(slot);
            return Unsafe.As<uint, T>(ref bits);
        }

        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong) || typeof(T) == typeof(double))
        {
            ulong bits = RawMemory.Read64(slot);
            return Unsafe.As<ulong, T>(ref bits);
        }

        if (typeof(T) == typeof(UInt128) || typeof(T) == typeof(Vector128<byte>))
        {
            UInt128 bits = RawMemory.Read128(slot);
            return Unsafe.As<UInt128, T>(ref bits);
        }

        if (typeof(T) == typeof(Function))
        {
            return (T)(object)store.References.ToFunction(RawMemory.Read64(slot))!;
        }

        return (T)store.References.ToExternal(RawMemory.Read64(slot))!;
    }

    /// <summary>Writes a value whose type is known at run time.</summary>
    /// <exception cref="ArgumentException">It is of another type.</exception>
    public static void WriteValue(nint slot, Value value, SlotType type, Store store)
    {
        if (type.Kind == SlotKind.V128)
        {
            Check(value, type, store);
            RawMemory.Write128(slot, value.AsVector());
        }
        else
        {
            RawMemory.Write64(slot, ToBits(value, type, store));
        }
    }

    /// <summary>The 64 bits that stand for a value in guest code.</summary>
    /// <exception cref="ArgumentException">It is of another type.</exception>
    public static ulong ToBits(Value value, SlotType type, Store store)
    {
        Check(value, type, store);
        return type.Kind switch
        {
            SlotKind.Function => store.References.FromFunction(value.IsNull ? null : value.AsFunction()),
            SlotKind.External => store.References.FromExternal(value.IsNull ? null : value.AsExternal()),
            _ => value.Bits,
        };
    }

    public static Value ReadValue(nint slot, SlotKind kind, Store store) => kind switch
    {
        SlotKind.I32 => Value.FromBits(ValType.I32, RawMemory.Read32(slot)),
        SlotKind.I64 => Value.FromBits(ValType.I64, RawMemory.Read64(slot)),
        SlotKind.F32 => Value.FromBits(ValType.F32, RawMemory.Read32(slot)),
        SlotKind.F64 => Value.FromBits(ValType.F64, RawMemory.Read64(slot)),
        SlotKind.V128 => Value.FromVector(RawMemory.Read128(slot)),
        SlotKind.Function => Value.FromFunction(store.References.ToFunction(RawMemory.Read64(slot))),
        SlotKind.External => Value.FromExternal(store.References.ToExternal(RawMemory.Read64(slot))),
        _ => Value.FromHandle(ValType.Reference(true, HeapType.Any), RawMemory.Read64(slot)),
    };

    private static void Check(Value value, SlotType type, Store store)
    {
        bool fits = type.Kind switch
        {
            SlotKind.I32 => value.Type.Kind == ValueKind.I32,
            SlotKind.I64 => value.Type.Kind == ValueKind.I64,
            SlotKind.F32 => value.Type.Kind == ValueKind.F32,
            SlotKind.F64 => value.Type.Kind == ValueKind.F64,
            SlotKind.V128 => value.Type.Kind == ValueKind.V128,
            _ when !value.Type.IsReference => false,
            _ when value.IsNull => type.IsNullable,
            _ when type.IsBottom => false,
            SlotKind.Function => value.Type.Heap == HeapType.Func
                && (type.TypeId < 0 || store.Engine.Types.IsSubtype(value.AsFunction()!.TypeId, (uint)type.TypeId)),
            SlotKind.External => value.Type.Heap == HeapType.Extern,
            _ => value.Type.Heap == HeapType.Any,
        };
        if (!fits)
        {
            throw new ArgumentException(
                $"type mismatch: expected {type.Kind}{(type.IsNullable ? " or null" : string.Empty)}, got {value.Type.Kind} {value}");
        }
    }
}
