using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Translation;

// What may be said of a table that only its module's active element segments write.
//
// 1. Code of an instance may run although its instantiation failed: an earlier segment put a function into another instance's table.
//    So what is said of all functions (their types, whose they are) is true of every element of every segment, whatever comes over it
//    or is never written; and what is said of one place (TryCallee, IsFull) only where no element segment can fail.
// 2. A table without elements is not among them: what is read-only may be loaded before it is asked for, and its pointer leads to
//    nothing. Of the others it leads to the first element.
// 3. An import may be a subtype of what it is declared as, which is then a subtype of all that the declared type is one of.

/// <summary>What is known of a table that never changes once its instance was made.</summary>
internal sealed class ConstantTable
{
    private const int MaxTypes = 8;           // more are not told apart: each call would have to look at them all
    private const int MaxElements = 1 << 20;
    private const int NoFunction = -1;

    private readonly WasmModule _module;
    private readonly TypeCanonicalizer _types;
    private readonly uint[] _ids;             // of the module's types
    private readonly List<uint> _typeIds = [];
    private bool _typesAreKnown = true;
    private bool _placesAreKnown = true;
    private int[] _functions = [];            // by element, NoFunction for null; empty when the places are not known

    private ConstantTable(WasmModule module, TypeCanonicalizer types, int table)
    {
        _module = module;
        _types = types;
        _ids = types.Canonicalize(module);
        Length = module.Tables[table].Limits.Minimum;
        HasOnlyOwn = true;
    }

    /// <summary>Its number of elements.</summary>
    public ulong Length { get; }

    /// <summary>Whether it holds nothing but null and functions of the module itself.</summary>
    public bool HasOnlyOwn { get; private set; }

    /// <summary>Whether no element is null.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Those of a module's tables that never change; null in the place of others.</summary>
    public static ConstantTable?[] OfModule(WasmModule module, ModuleFacts facts)
    {
        var tables = new ConstantTable?[module.Tables.Length];
        var types = new TypeCanonicalizer();
        for (int i = 0; i < tables.Length; i++)
        {
            if (!facts.ChangingTables[i] && module.Tables[i].Limits.Minimum > 0)
            {
                tables[i] = new ConstantTable(module, types, i);
                if (module.TableInitializers[i - module.ImportedTableCount] is not null)
                {
                    tables[i]!.AddUnknown();
                }
            }
        }

        bool placesAreKnown = true;
        foreach (ElementSegment segment in module.Elements)
        {
            if (segment.Mode == SegmentMode.Active)
            {
                ConstantTable? table = tables[segment.Table.Index];
                int[]? functions = table?.AddFunctions(segment);
                bool isPlaced = TryPlace(module, segment, out int at);
                placesAreKnown &= isPlaced;
                if (isPlaced && functions is not null)
                {
                    table!.Place(at, functions);
                }
            }
        }

        foreach (ConstantTable? table in tables)
        {
            table?.FinishPlaces(placesAreKnown);
        }

        return tables;
    }

    /// <summary>Whether every function has a type, or one that is a subtype of it.</summary>
    public bool HasOnly(TypeIndex type)
    {
        uint wanted = _ids[type.Index];
        return _typesAreKnown && _typeIds.TrueForAll(id => _types.IsSubtype(id, wanted));
    }

    /// <summary>The function that a call of a place reaches, when it surely does not trap.</summary>
    public bool TryCallee(ulong index, TypeIndex type, out FuncIndex function)
    {
        function = default;
        if (index >= (ulong)_functions.Length || _functions[index] == NoFunction)
        {
            return false;
        }

        function = new FuncIndex(_functions[index]);
        return _types.IsSubtype(TypeIdOf(function.Index), _ids[type.Index]);
    }

    private uint TypeIdOf(int function) => _ids[_module.Functions[function].Index];

    // A segment that surely fits its table, of which no more is known than that it is as long as declared.
    private static bool TryPlace(WasmModule module, ElementSegment segment, out int at)
    {
        bool isKnown = TryReadSingle(module, segment.Offset, out Instruction offset)
            && offset.Opcode is Opcode.I32Const or Opcode.I64Const;
        ulong start = offset.Opcode == Opcode.I32Const ? (uint)offset.Bits : offset.Bits;
        ulong length = Math.Min(module.Tables[segment.Table.Index].Limits.Minimum, MaxElements);
        bool fits = isKnown && start <= length && (ulong)segment.Count <= length - start;
        at = fits ? (int)start : 0;
        return fits;
    }

    // The functions of a segment, or null when one of its elements is not known.
    private int[]? AddFunctions(ElementSegment segment)
    {
        int[] functions = new int[segment.Count];
        for (int i = 0; i < functions.Length; i++)
        {
            if (!TryReadElement(segment, i, out functions[i]))
            {
                AddUnknown();
                return null;
            }

            if (functions[i] != NoFunction)
            {
                Add(functions[i]);
            }
        }

        return functions;
    }

    private bool TryReadElement(ElementSegment segment, int element, out int function)
    {
        function = NoFunction;
        if (segment.Functions is { } functions)
        {
            function = functions[element].Index;
            return true;
        }

        if (!TryReadSingle(_module, segment.Expressions![element], out Instruction instruction))
        {
            return false;
        }

        function = instruction.Opcode == Opcode.RefFunc ? instruction.Index : NoFunction;
        return instruction.Opcode is Opcode.RefFunc or Opcode.RefNull;
    }

    // An expression of one instruction.
    private static bool TryReadSingle(WasmModule module, ConstantExpression expression, out Instruction instruction)
    {
        var reader = new InstructionReader(module, expression.Offset, expression.Length);
        instruction = default;
        reader.Read(ref instruction);
        Instruction end = default;
        reader.Read(ref end);
        return end.Opcode == Opcode.End;
    }

    private void Add(int function)
    {
        HasOnlyOwn &= function >= _module.ImportedFunctionCount;
        uint id = TypeIdOf(function);
        if (_typesAreKnown && !_typeIds.Contains(id))
        {
            _typeIds.Add(id);
            _typesAreKnown = _typeIds.Count <= MaxTypes;
        }
    }

    private void AddUnknown()
    {
        HasOnlyOwn = false;
        _typesAreKnown = false;
        _placesAreKnown = false;
    }

    private void Place(int at, int[] functions)
    {
        int before = _functions.Length;
        if (before < at + functions.Length)
        {
            Array.Resize(ref _functions, at + functions.Length);
            _functions.AsSpan(before).Fill(NoFunction);
        }

        functions.CopyTo(_functions, at);
    }

    private void FinishPlaces(bool areKnown)
    {
        if (!areKnown || !_placesAreKnown)
        {
            _functions = [];
        }

        IsFull = (ulong)_functions.Length == Length && Length > 0 && !_functions.Contains(NoFunction);
    }
}
