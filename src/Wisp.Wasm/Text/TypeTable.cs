using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// A type use may give parameters and results without naming a type. It then means the first type that is that function
// type, final, without supertype and alone in its group; and if there is none, one is added behind all others.
// https://webassembly.github.io/spec/core/text/modules.html#type-uses

/// <summary>The types of a module while it is parsed, and their section.</summary>
internal sealed class TypeTable
{
    private readonly List<CompositeType> _types = [];
    private readonly Dictionary<FunctionType, int> _plainFunctions = [];
    private readonly List<Dictionary<int, int>?> _fieldNames = [];

    /// <summary>Contents of the section, without the count.</summary>
    public WasmWriter Section { get; } = new();

    /// <summary>Number of recursion groups in the section.</summary>
    public int GroupCount { get; set; }

    /// <summary>Number of types.</summary>
    public int Count => _types.Count;

    /// <summary>Adds a type that was written to the section.</summary>
    /// <param name="type">What it is made of.</param>
    /// <param name="isPlain">Whether it is final, without supertype, and alone in its group.</param>
    /// <param name="fieldNames">Fields of a structure by symbol, if any has one.</param>
    public void Add(CompositeType type, bool isPlain, Dictionary<int, int>? fieldNames)
    {
        if (isPlain && type is FunctionType function)
        {
            _plainFunctions.TryAdd(function, _types.Count);
        }

        _types.Add(type);
        _fieldNames.Add(fieldNames);
    }

    /// <summary>The type that stands for a function type without a name.</summary>
    /// <param name="type">The function type.</param>
    /// <returns>Its index.</returns>
    public uint FindOrAdd(FunctionType type)
    {
        if (!_plainFunctions.TryGetValue(type, out int index))
        {
            index = _types.Count;
            WriteFunction(Section, type);
            GroupCount++;
            Add(type, isPlain: true, fieldNames: null);
        }

        return (uint)index;
    }

    /// <summary>The function type of an index.</summary>
    /// <param name="index">The index.</param>
    /// <returns>The function type, or null if there is none.</returns>
    public FunctionType? FunctionAt(uint index) => index < _types.Count ? _types[(int)index] as FunctionType : null;

    /// <summary>The index of a field that has an identifier.</summary>
    /// <param name="type">The structure type.</param>
    /// <param name="symbol">The identifier.</param>
    /// <returns>The field's index, or -1.</returns>
    public int FieldAt(uint type, int symbol) =>
        type < _types.Count && _fieldNames[(int)type] is { } names && names.TryGetValue(symbol, out int field)
            ? field : -1;

    /// <summary>The identifiers of a structure's fields.</summary>
    /// <param name="type">The type.</param>
    /// <returns>Field by symbol, or null.</returns>
    public Dictionary<int, int>? FieldNamesOf(int type) => _fieldNames[type];

    /// <summary>Writes a function type.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="type">The type.</param>
    public static void WriteFunction(WasmWriter to, FunctionType type)
    {
        to.Byte(0x60);
        WriteTypes(to, type.Parameters);
        WriteTypes(to, type.Results);
    }

    private static void WriteTypes(WasmWriter to, ValType[] types)
    {
        to.Unsigned((ulong)types.Length);
        foreach (ValType type in types)
        {
            to.Type(type);
        }
    }
}
