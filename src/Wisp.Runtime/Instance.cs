using Wisp.Abi;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>An instantiated module: its memory, tables, globals and code, owned by a store.</summary>
public sealed partial class Instance
{
    private readonly object[] _imports;   // keeps host functions alive
    private readonly Memory?[] _memories;   // those of its own are made when somebody asks
    private readonly Table?[] _tables;
    private readonly MemorySlot _slot;
    private readonly nint _context;
    private readonly int _codeUse = -1;
    private Global?[]? _globals;
    private Tag?[]? _tags;
    private bool[]? _droppedElements;   // null: all but the passive ones
    private ulong[]?[]? _evaluatedElements;
    private bool[]? _droppedData;
    private Dictionary<string, Extern>? _allExports;
    private Memory? _callerMemory;

    /// <summary>Everything of instantiation but the start function. What was written before a failure stays written.</summary>
    internal Instance(Store store, Module module, object[] imports)
    {
        Store = store;
        Module = module;
        _imports = imports;
        WasmModule definition = module.Definition;
        _memories = definition.Memories.Length == 0 ? [] : new Memory[definition.Memories.Length];
        _tables = definition.Tables.Length == 0 ? [] : new Table[definition.Tables.Length];
        InstanceTemplate template = module.Template;

        store.AddInstance(this);
        _codeUse = module.Code.AddUse();
        _slot = AllocateSlot(template);
        _context = _slot.Origin;
        template.WriteContext(module, _context);
        RawMemory.Write64(_context + VmLayout.InstanceHandle, (ulong)Number);
        BindImports();
        CreateMemories();
        CreateTables(template);
        store.AddContext(_context);
        Initialize(template);
    }

    /// <summary>The store that owns it.</summary>
    public Store Store { get; }

    /// <summary>What it is an instance of.</summary>
    public Module Module { get; }

    /// <summary>Its exports by name.</summary>
    public IReadOnlyDictionary<string, Extern> Exports => _allExports ??= MakeExports();

    /// <summary>Position in its store, from 1; the context's handle.</summary>
    internal int Number { get; set; }

    /// <summary>The function that ends instantiation, if the module has one and it has not run already.</summary>
    internal Function? StartFunction => Module.Definition.Start is { } start && !Module.IsSnapshot ? FunctionAt(start.Index) : null;

    /// <summary>The memory that host functions work on.</summary>
    internal Memory? CallerMemory => _callerMemory ??= FindCallerMemory();

    private WasmModule Definition => Module.Definition;

    private VmLayout Layout => Module.Layout;

    /// <summary>Gives back what the instance holds; its store calls it once, at its end.</summary>
    internal void Free()
    {
        if (_slot is not null)   // else instantiation failed before
        {
            InstanceTemplate template = Module.Template;
            bool isKnown = !Store.HasRun && template.HasStaticData;
            Store.Engine.Slots.Return(_slot, template.Shelf, new SlotUse(WasRun: !isKnown, template.Data));
        }

        if (_codeUse >= 0)
        {
            Module.Code.ReleaseUse(_codeUse);
        }
    }

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

    private Memory MemoryAt(int memory) => _memories[memory] ??= new Memory(
        Store, Definition.Memories[memory], _slot, _context + Layout.OwnMemory(new MemoryIndex(memory)));

    private Table TableAt(int table)
    {
        if (_tables[table] is { } known)
        {
            return known;
        }

        nint record = _context + Layout.OwnTable(new TableIndex(table));
        return _tables[table] = new Table(
            Store, Definition.Tables[table], Module.Space, record, new TableStorage(record));
    }

    private Global GlobalAt(int global) => Globals[global] ??= new Global(
        Store, Definition.Globals[global], Module.Space, _context + Layout.OwnGlobal(new GlobalIndex(global)));

    private Global?[] Globals => _globals ??= new Global?[Definition.Globals.Length];

    private Tag?[] Tags => _tags ??= new Tag?[Definition.Tags.Length];

    private Tag TagAt(int tag)
    {
        TypeIndex type = Definition.Tags[tag].Type;
        return Tags[tag] ??= new Tag(Store, Definition.FunctionTypeAt(type), Module.Space.IdOf(type));
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
            ExternKind.Table => TableAt(export.Index),
            ExternKind.Memory => MemoryAt(export.Index),
            ExternKind.Global => GlobalAt(export.Index),
            _ => TagAt(export.Index),
        };
    }

    private Memory? FindCallerMemory() => Find("memory") as Memory ?? (_memories.Length > 0 ? MemoryAt(0) : null);
}
