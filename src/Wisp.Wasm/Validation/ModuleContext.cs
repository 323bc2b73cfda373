using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>What every function of a module is validated against: the specification's context C, in arrays.</summary>
/// <remarks>Made when the type section has been checked, and complete (globals, declared functions) before the first body.</remarks>
internal sealed class ModuleContext
{
    private readonly OperandType[] _operands;
    private readonly Shape[] _shapes;
    private readonly uint[] _ids;
    private readonly TypeCanonicalizer _canonicalizer;

    public ModuleContext(WasmModule module)
    {
        Module = module;
        _canonicalizer = new TypeCanonicalizer();
        _ids = _canonicalizer.Canonicalize(module);
        _shapes = new Shape[module.Types.Length];
        Declared = new bool[module.Functions.Length];
        Written = new bool[module.Tables.Length];

        long total = 0;
        foreach (DefinedType type in module.Types)
        {
            total += type.Composite is FunctionType function ? function.Parameters.Length + function.Results.Length : 0;
        }

        _operands = new OperandType[total];
        int next = 0;
        for (int i = 0; i < _shapes.Length; i++)
        {
            _shapes[i] = new Shape(module.Types[i].Composite, ref next, _operands);
        }
    }

    public WasmModule Module { get; }

    /// <summary>Functions that appear outside of bodies, so that <c>ref.func</c> may name them: the specification's refs.</summary>
    public bool[] Declared { get; }

    /// <summary>
    /// Tables that an instruction of a body may write or grow. Threads that check bodies only ever set an entry, and it is read when all
    /// are done.
    /// </summary>
    public bool[] Written { get; }

    public bool IsFunctionType(int type) => (uint)type < (uint)_shapes.Length && _shapes[type].Kind == CompositeKind.Function;

    public ReadOnlySpan<OperandType> Parameters(int type)
    {
        ref readonly Shape shape = ref _shapes[type];
        return _operands.AsSpan(shape.Start, shape.Middle - shape.Start);
    }

    public ReadOnlySpan<OperandType> Results(int type)
    {
        ref readonly Shape shape = ref _shapes[type];
        return _operands.AsSpan(shape.Middle, shape.End - shape.Middle);
    }

    public bool IsSubtype(OperandType actual, OperandType wanted)
    {
        if (actual == wanted || actual.IsBottom)
        {
            return true;
        }

        return actual.IsReference && wanted.IsReference && (wanted.IsNullable || !actual.IsNullable)
            && IsHeapSubtype(actual.HeapCode, wanted.HeapCode);
    }

    public bool IsSubtype(ReadOnlySpan<OperandType> actual, ReadOnlySpan<OperandType> wanted)
    {
        if (actual.Length != wanted.Length)
        {
            return false;
        }

        for (int i = 0; i < actual.Length; i++)
        {
            if (!IsSubtype(actual[i], wanted[i]))
            {
                return false;
            }
        }

        return true;
    }

    public bool IsDefinedSubtype(int actual, int wanted) => _canonicalizer.IsSubtype(_ids[actual], _ids[wanted]);

    // The four hierarchies   https://webassembly.github.io/spec/core/valid/matching.html#heap-types
    //   any ⊇ eq ⊇ { i31, struct ⊇ structure types, array ⊇ array types } ⊇ none
    //   func ⊇ function types ⊇ nofunc      extern ⊇ noextern      exn ⊇ noexn
    public bool IsHeapSubtype(int actual, int wanted)
    {
        if (actual == wanted || actual == OperandType.BottomHeap)
        {
            return true;
        }

        if (actual >= 0)
        {
            return wanted >= 0 ? IsDefinedSubtype(actual, wanted) : IsAbove(wanted, _shapes[actual].Kind);
        }

        if (wanted >= 0)
        {
            int bottom = _shapes[wanted].Kind == CompositeKind.Function ? HeapType.NoFunc.Code : HeapType.None.Code;
            return actual == bottom;
        }

        return wanted switch
        {
            -1 => actual == HeapType.NoFunc.Code,
            -2 => actual == HeapType.NoExtern.Code,
            -3 => actual is -4 or -5 or -6 or -7 or -9,
            -4 => actual is -5 or -6 or -7 or -9,
            -5 or -6 or -7 => actual == HeapType.None.Code,
            -8 => actual == HeapType.NoExn.Code,
            _ => false,
        };
    }

    /// <summary>The abstract type that is above all others of a heap type's hierarchy.</summary>
    public int TopOf(int heapCode) => heapCode >= 0
        ? _shapes[heapCode].Kind == CompositeKind.Function ? HeapType.Func.Code : HeapType.Any.Code
        : heapCode switch
        {
            -1 or -10 => HeapType.Func.Code,
            -2 or -11 => HeapType.Extern.Code,
            -8 or -12 => HeapType.Exn.Code,
            _ => HeapType.Any.Code,
        };

    private static bool IsAbove(int wanted, CompositeKind kind) => kind switch
    {
        CompositeKind.Function => wanted == HeapType.Func.Code,
        CompositeKind.Struct => wanted is -6 or -4 or -3,
        _ => wanted is -7 or -4 or -3,
    };

    private enum CompositeKind : byte
    {
        Function,
        Struct,
        Array,
    }

    /// <summary>Where the operands of a function type are: parameters in [Start, Middle), results in [Middle, End).</summary>
    private readonly struct Shape
    {
        public readonly CompositeKind Kind;
        public readonly int Start;
        public readonly int Middle;
        public readonly int End;

        public Shape(CompositeType composite, ref int next, OperandType[] operands)
        {
            Start = next;
            Middle = next;
            Kind = composite switch
            {
                FunctionType => CompositeKind.Function,
                StructType => CompositeKind.Struct,
                _ => CompositeKind.Array,
            };
            if (composite is FunctionType function)
            {
                foreach (ValType type in function.Parameters)
                {
                    operands[next++] = OperandType.From(type);
                }

                Middle = next;
                foreach (ValType type in function.Results)
                {
                    operands[next++] = OperandType.From(type);
                }
            }

            End = next;
        }
    }
}
