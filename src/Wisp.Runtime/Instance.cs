using Wisp.Abi;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>An instantiated module: its memory, tables, globals and code, owned by a store.</summary>
public sealed partial class Instance
{
    private readonly object[] _imports;   // keeps host functions alive
    private readonly Memory[] _memories;
    private readonly Table[] _tables;
    private readonly Global?[] _globals;
    private readonly Tag?[] _tags;
    private readonly bool[] _droppedElements;
    private ulong[]?[]? _evaluatedElements;
    private readonly bool[] _droppedData;
    private readonly nint _context;
    private Dictionary<string, Extern>? _allExports;
    private Memory? _callerMemory;

    /// <summary>Everything of instantiation but the start function. What was written before a failure stays written.</summary>
    internal Instance(Store store, Module module, object[] imports)
    {
        Store = store;
        Module = module;
        _imports = imports;
        WasmModule definition = module.Definition;
        _memories = new Memory[definition.Memories.Length];
        _tables = new Table[definition.Tables.Length];
        _globals = new Global?[definition.Globals.Length];
        _tags = new Tag?[definition.Tags.Length];
        _droppedElements = new bool[definition.Elements.Length];
        _droppedData = new bool[definition.Data.Length];

        store.AddInstance(this);
        module.Code.AddUse();
        store.Own(new CodeUse(module.Code));
        MemorySlot slot = AllocateSlot();
        _context = slot.Origin;
        WriteContext();
        BindImports();
        CreateMemories(slot);
        CreateTables();
        InitializeGlobals();
        InitializeTables();
        store.AddContext(_context);
        ApplyElements();
        ApplyData();
    }

    /// <summary>The store that owns it.</summary>
    public Store Store { get; }

    /// <summary>What it is an instance of.</summary>
    public Module Module { get; }

    /// <summary>Its exports by name.</summary>
    public IReadOnlyDictionary<string, Extern> Exports => _allExports ??= MakeExports();

    /// <summary>Position in its store, from 1; the context's handle.</summary>
    internal int Number { get; set; }

    /// <summary>The function that ends instantiation, if the module has one.</summary>
    internal Function? StartFunction => Module.Definition.Start is { } start ? FunctionAt(start.Index) : null;

    /// <summary>The memory that host functions work on.</summary>
    internal Memory? CallerMemory => _callerMemory ??= FindCallerMemory();

    private WasmModule Definition => Module.Definition;

    private VmLayout Layout => Module.Layout;

    /// <summary>An exported function.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The function, or null when nothing or something else is exported under that name.</returns>
    public Function? GetFunction(string name) => Find(name) as Function;

    /// <summary>An exported memory.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The memory, or null when nothing or something else is exported under that name.</returns>
    public Memory? GetMemory(string name) => Find(name) as Memory;

    /// <summary>An exported table.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The table, or null when nothing or something else is exported under that name.</returns>
    public Table? GetTable(string name) => Find(name) as Table;

    /// <summary>An exported global.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The global, or null when nothing or something else is exported under that name.</returns>
    public Global? GetGlobal(string name) => Find(name) as Global;

    /// <summary>The host's object for one of this instance's FuncRefs.</summary>
    internal Function FunctionAt(nint funcRef)
    {
        int slot = (int)(funcRef - (_context + Module.FirstFuncRef)) / VmLayout.FuncRefBytes;
        TypeIndex type = Definition.Functions[Layout.EscapingFunctions[slot].Index];
        return new Function(Store, Definition.FunctionTypeAt(type), Module.ShapeOf(type), funcRef);
    }

    /// <summary>The reference value of a function of the module's index space.</summary>
    private ulong ReferenceTo(int function) => function < Definition.ImportedFunctionCount
        ? RawMemory.Read64(_context + Layout.ImportedFunction(new FuncIndex(function)))
        : (ulong)(_context + Module.FuncRefOf(function));

    private Function FunctionAt(int function) => Store.References.ToFunction(ReferenceTo(function))!;

    private Global GlobalAt(int global) => _globals[global] ??= new Global(
        Store, Definition.Globals[global], Module.Space, _context + Layout.OwnGlobal(new GlobalIndex(global)));

    private Tag TagAt(int tag)
    {
        TypeIndex type = Definition.Tags[tag].Type;
        return _tags[tag] ??= new Tag(Store, Definition.FunctionTypeAt(type), Module.Space.IdOf(type));
    }

    private Dictionary<string, Extern> MakeExports()
    {
        var exports = new Dictionary<string, Extern>(Definition.Exports.Length);
        foreach (Export export in Definition.Exports)
        {
            exports.Add(export.Name, Resolve(export));
        }

        return exports;
    }

    // Without making objects of all the others: most instances live for one call.
    private Extern? Find(string name) => Module.ExportsByName.TryGetValue(name, out Export? export) ? Resolve(export) : null;

    private Extern Resolve(Export export)
    {
        Store.ThrowIfDisposed();
        return export.Kind switch
        {
            ExternKind.Function => FunctionAt(export.Index),
            ExternKind.Table => _tables[export.Index],
            ExternKind.Memory => _memories[export.Index],
            ExternKind.Global => GlobalAt(export.Index),
            _ => TagAt(export.Index),
        };
    }

    private Memory? FindCallerMemory() => Find("memory") as Memory ?? (_memories.Length > 0 ? _memories[0] : null);

    /// <summary>Keeps the module's code mapped while the store lives.</summary>
    private sealed class CodeUse(Traps.CompiledCode code) : IDisposable
    {
        public void Dispose() => code.ReleaseUse();
    }
}
