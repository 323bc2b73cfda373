using Wisp.Stacks;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Linking;

/// <summary>The types of one module with their engine-wide ids, so that types of different modules can be compared.</summary>
internal sealed class TypeSpace
{
    private readonly WasmModule? _module;
    private readonly uint[] _ids;

    public TypeSpace(WasmModule module, TypeCanonicalizer types)
    {
        _module = module;
        _ids = new uint[module.Types.Length];
        for (int i = 0; i < _ids.Length; i++)
        {
            _ids[i] = types.Canonicalize(module, new TypeIndex(i));
        }
    }

    private TypeSpace()
    {
        _ids = [];
    }

    /// <summary>The types of host functions and externs, which name no type of a module.</summary>
    public static TypeSpace Host { get; } = new();

    public uint IdOf(TypeIndex type) => _ids[type.Index];

    /// <summary>What may be written where a type is wanted.</summary>
    public SlotType SlotOf(ValType type)
    {
        HeapType heap = type.Heap;
        bool isNull = type.IsNullable;
        return type.Kind switch
        {
            ValueKind.I32 => new SlotType(SlotKind.I32),
            ValueKind.I64 => new SlotType(SlotKind.I64),
            ValueKind.F32 => new SlotType(SlotKind.F32),
            ValueKind.F64 => new SlotType(SlotKind.F64),
            ValueKind.V128 => new SlotType(SlotKind.V128),
            _ when heap.IsConcrete => IsFunction(heap)
                ? new SlotType(SlotKind.Function, isNull, _ids[heap.Code])
                : new SlotType(SlotKind.Opaque, isNull),
            _ when heap == HeapType.Func => new SlotType(SlotKind.Function, isNull),
            _ when heap == HeapType.NoFunc => new SlotType(SlotKind.Function, isNull, IsBottom: true),
            _ when heap == HeapType.Extern => new SlotType(SlotKind.External, isNull),
            _ when heap == HeapType.NoExtern => new SlotType(SlotKind.External, isNull, IsBottom: true),
            _ => new SlotType(SlotKind.Opaque, isNull),
        };
    }

    /// <summary>Whether a value of one type is also of another.</summary>
    /// <remarks>Source: <see href="https://webassembly.github.io/spec/core/valid/matching.html">matching</see>.</remarks>
    public static bool Matches(ValType actual, TypeSpace actualSpace, ValType wanted, TypeSpace wantedSpace, TypeCanonicalizer types)
    {
        if (actual.Kind != wanted.Kind || !actual.IsReference)
        {
            return actual.Kind == wanted.Kind;
        }

        return (wanted.IsNullable || !actual.IsNullable) && HeapMatches(actual.Heap, actualSpace, wanted.Heap, wantedSpace, types);
    }

    /// <summary>Whether two types have the same values.</summary>
    public static bool AreEqual(ValType left, TypeSpace leftSpace, ValType right, TypeSpace rightSpace, TypeCanonicalizer types) =>
        Matches(left, leftSpace, right, rightSpace, types) && Matches(right, rightSpace, left, leftSpace, types);

    private static bool HeapMatches(HeapType actual, TypeSpace actualSpace, HeapType wanted, TypeSpace wantedSpace, TypeCanonicalizer types)
    {
        if (actual.IsConcrete && wanted.IsConcrete)
        {
            return types.IsSubtype(actualSpace._ids[actual.Code], wantedSpace._ids[wanted.Code]);
        }

        if (actual == wanted)
        {
            return true;
        }

        if (wanted.IsConcrete)
        {
            return actual == (wantedSpace.IsFunction(wanted) ? HeapType.NoFunc : HeapType.None);
        }

        if (wanted == HeapType.Func)
        {
            return actual == HeapType.NoFunc || (actual.IsConcrete && actualSpace.IsFunction(actual));
        }

        if (wanted == HeapType.Extern)
        {
            return actual == HeapType.NoExtern;
        }

        if (wanted == HeapType.Exn)
        {
            return actual == HeapType.NoExn;
        }

        return wanted.Code is <= -3 and >= -7 && actualSpace.IsBelow(actual, wanted);
    }

    // any > eq > i31, struct, array > none; a defined struct or array lies between its abstract type and none.
    private bool IsBelow(HeapType actual, HeapType wanted)
    {
        if (actual == HeapType.None)
        {
            return true;
        }

        if (actual.IsConcrete)
        {
            CompositeType composite = _module!.Types[actual.Code].Composite;
            return composite switch
            {
                StructType => wanted == HeapType.Any || wanted == HeapType.Eq || wanted == HeapType.Struct,
                ArrayType => wanted == HeapType.Any || wanted == HeapType.Eq || wanted == HeapType.Array,
                _ => false,
            };
        }

        bool isEq = actual == HeapType.I31 || actual == HeapType.Struct || actual == HeapType.Array;
        return (wanted == HeapType.Any && (isEq || actual == HeapType.Eq)) || (wanted == HeapType.Eq && isEq);
    }

    private bool IsFunction(HeapType heap) => _module!.Types[heap.Code].Composite is FunctionType;
}
