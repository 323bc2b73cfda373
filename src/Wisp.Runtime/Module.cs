using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Compiler;
using Wisp.Compiler.Images;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Platform.Linux;
using Wisp.Stacks;
using Wisp.Traps;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp;

/// <summary>A compiled module: machine code and tables, to be instantiated any number of times.</summary>
/// <remarks>Thread safe and immutable. Its code stays mapped while an instance of it lives, also after <see cref="Dispose"/>.</remarks>
public sealed class Module : IDisposable
{
    private readonly CallShape?[] _shapes;
    private readonly Lazy<NameSection> _names;
    private readonly Lazy<InstanceTemplate> _template;
    private readonly string? _name;
    private readonly int[] _funcRefOffsets;   // by own function; int.MinValue when it does not escape
    private bool _isDisposed;

    private Module(Engine engine, CodeImage image, ImageFile? file, string? name)
    {
        Engine = engine;
        Definition = ModuleDecoder.DecodeWithoutCode(image.Module);
        if (image.Functions.Length != Definition.Functions.Length - Definition.ImportedFunctionCount)
        {
            throw new ImageException(ImageFault.Damaged, "the image's code does not belong to its module");
        }

        var escaping = new FuncIndex[image.EscapingFunctions.Length];
        for (int i = 0; i < escaping.Length; i++)
        {
            escaping[i] = new FuncIndex(image.EscapingFunctions[i]);
        }

        Layout = new VmLayout(Definition, escaping);
        State = image.State;
        SnapshotCheck.Check(image, Definition, Layout);
        Space = new TypeSpace(Definition, engine.Types);
        _shapes = new CallShape?[Definition.Types.Length];
        _names = new Lazy<NameSection>(DecodeNames);
        _name = name;
        Imports = Array.ConvertAll(Definition.Imports, i => new ImportDescription(i.Module, i.Name, Describe(i.Kind, i.Index)));
        Exports = Array.ConvertAll(Definition.Exports, e => new ExportDescription(e.Name, Describe(e.Kind, e.Index)));
        ExportsByName = Definition.Exports.ToDictionary(static e => e.Name);
        HeapImage = HeapImage.Create(image, Definition, file);
        Code = CompiledCode.Map(image, file);
        Code.Module = this;
        _template = new Lazy<InstanceTemplate>(() => new InstanceTemplate(this));
        _funcRefOffsets = new int[image.Functions.Length];
        FuncRefs = new (nint, uint)[escaping.Length];
        FirstFuncRef = escaping.Length > 0 ? Layout.FuncRef(escaping[0]) : 0;
        Array.Fill(_funcRefOffsets, int.MinValue);
        for (int i = 0; i < escaping.Length; i++)
        {
            int own = escaping[i].Index - Definition.ImportedFunctionCount;
            _funcRefOffsets[own] = FirstFuncRef + (i * VmLayout.FuncRefBytes);
            FuncRefs[i] = (Code.EntryOf(own), Space.IdOf(Definition.Functions[escaping[i].Index]));
        }

        PerfMap.Add(this);
    }

    /// <summary>The engine that it belongs to.</summary>
    public Engine Engine { get; }

    /// <summary>Its name, from the call that made it or from the name section; null when it has none.</summary>
    public string? Name => _name ?? _names.Value.Module;

    /// <summary>What it imports, in the order of the binary.</summary>
    public IReadOnlyList<ImportDescription> Imports { get; }

    /// <summary>What it exports, in the order of the binary.</summary>
    public IReadOnlyList<ExportDescription> Exports { get; }

    /// <summary>Whether its instances start as an instance was when <see cref="Instance.ToImage(ReadOnlyMemory{byte})"/> was called. They run no start
    /// function then.</summary>
    public bool IsSnapshot => State is not null;

    /// <summary>Whether its instances begin in the middle of a call, with which <see cref="Instance.ContinueAsync"/> goes on.</summary>
    public bool IsWaiting => State?.Waiting is not null;

    /// <summary>The notes that <see cref="Instance.ToImage(ReadOnlyMemory{byte})"/> was given; empty when it is no snapshot.</summary>
    public ReadOnlyMemory<byte> SnapshotNotes => State?.Notes ?? ReadOnlyMemory<byte>.Empty;

    internal WasmModule Definition { get; }

    /// <summary>What its instances start as, when that is not what the definition says.</summary>
    internal SnapshotState? State { get; }

    internal VmLayout Layout { get; }

    internal TypeSpace Space { get; }

    internal CompiledCode Code { get; }

    internal Dictionary<string, Export> ExportsByName { get; }

    /// <summary>Decodes, validates and compiles a binary module.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="wasm">The binary; copied as far as needed.</param>
    /// <param name="name">A name for backtraces; null takes that of the name section.</param>
    /// <returns>The module.</returns>
    /// <exception cref="Wasm.MalformedModuleException">The bytes are no module.</exception>
    /// <exception cref="Wasm.InvalidModuleException">The module breaks a rule of validation.</exception>
    /// <exception cref="Compiler.CompileException">It uses what is not supported yet, or a function is too large to compile.</exception>
    public static Module Compile(Engine engine, ReadOnlyMemory<byte> wasm, string? name = null) =>
        new(engine, CodeImage.Read(CompileImage(engine, wasm), name ?? "module"), file: null, name);

    /// <summary>Maps an image file and runs its code as it lies there.</summary>
    /// <remarks>
    /// The file may be renamed, replaced or deleted while the module is used, but not written to or truncated: that changes or takes
    /// away code that runs, as with any executable that is mapped.
    /// </remarks>
    /// <param name="engine">The engine.</param>
    /// <param name="path">Path of the <c>.wisp</c> file.</param>
    /// <param name="name">A name for backtraces; null takes that of the name section.</param>
    /// <returns>The module.</returns>
    /// <exception cref="ImageException">The image is damaged, stale, or for another processor.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Module FromImage(Engine engine, string path, string? name = null)
    {
        using ImageFile file = ImageFile.Open(path);
        CodeImage image;
        try
        {
            image = ReadRunnable(engine, file.Contents, path);
        }
        catch
        {
            file.Discard();
            throw;
        }

        return new Module(engine, image, file, name);
    }

    /// <summary>Takes an image from memory.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="image">The bytes of a <c>.wisp</c> file, not to be changed while the module is used.</param>
    /// <returns>The module.</returns>
    /// <exception cref="ImageException">The image is damaged, stale, or for another processor.</exception>
    public static Module FromImage(Engine engine, ReadOnlyMemory<byte> image) => FromImage(engine, image, name: null);

    internal static Module FromImage(Engine engine, ReadOnlyMemory<byte> image, string? name) =>
        new(engine, ReadRunnable(engine, image, "image"), file: null, name);

    /// <summary>The module's image, as written to a <c>.wisp</c> file.</summary>
    /// <returns>The bytes.</returns>
    public byte[] ToImage()
    {
        byte[] copy = Code.Image.Bytes.ToArray();
        GC.KeepAlive(this);   // the bytes may be a mapping, which goes with its last user
        return copy;
    }

    /// <summary>Gives up this use of the code.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            if (HeapImage is { } heapImage)
            {
                Engine.Slots.Retire(heapImage);
                heapImage.Dispose();   // no instance is made any more; those that live have it mapped
            }

            Code.Close();
        }
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <summary>Code and type id of each escaping function, in the order of their FuncRefs.</summary>
    internal (nint Code, uint TypeId)[] FuncRefs { get; }

    /// <summary>Offset of the first FuncRef of a context; the others follow it.</summary>
    internal int FirstFuncRef { get; }

    /// <summary>The first contents of memory 0 as pages, where that is better than copying.</summary>
    internal HeapImage? HeapImage { get; }

    /// <summary>What its instances start as.</summary>
    internal InstanceTemplate Template => _template.Value;

    /// <summary>The type of a memory of its own, with the pages that instances start with as its minimum.</summary>
    internal MemoryType MemoryAtFirst(int memory)
    {
        MemoryType type = Definition.Memories[memory];
        return State is null
            ? type
            : type with { Limits = type.Limits with { Minimum = State.MemoryPages[memory - Definition.ImportedMemoryCount] } };
    }

    /// <summary>The type of a table of its own, with the elements that instances start with as its minimum.</summary>
    internal TableType TableAtFirst(int table)
    {
        TableType type = Definition.Tables[table];
        return State is null
            ? type
            : type with { Limits = type.Limits with { Minimum = (ulong)State.Tables[table - Definition.ImportedTableCount].Length } };
    }

    /// <summary>Offset of the FuncRef of an escaping function of the module itself.</summary>
    internal int FuncRefOf(int function) => _funcRefOffsets[function - Definition.ImportedFunctionCount] is var offset and not int.MinValue
        ? offset
        : throw new InvalidOperationException($"function {function} does not escape");

    /// <summary>Where arguments and results of a function type lie.</summary>
    internal CallShape ShapeOf(TypeIndex type) =>
        _shapes[type.Index] ??= new CallShape(Definition.FunctionTypeAt(type), Space);

    /// <summary>A function's name for backtraces: from the name section, else that of an export.</summary>
    internal string? NameOf(int function)
    {
        if (_names.Value.NameOf(new FuncIndex(function)) is { } name)
        {
            return name;
        }

        return Array.Find(Definition.Exports, e => e.Kind == ExternKind.Function && e.Index == function)?.Name;
    }

    private static byte[] CompileImage(Engine engine, ReadOnlyMemory<byte> wasm)
    {
        WasmModule module = ModuleDecoder.Decode(wasm);
        ModuleFacts facts = ModuleValidator.Validate(module, engine.Options.CompileParallelism);
        var options = new CompileOptions(new CodeOptions(engine.Features, engine.Bounds))
        {
            Parallelism = engine.Options.CompileParallelism,
            Verify = Environment.GetEnvironmentVariable("WISP_VERIFY") == "1",
        };
        return CodeImageWriter.Write(CompilePipeline.Compile(module, facts, options));
    }

    private static CodeImage ReadRunnable(Engine engine, ReadOnlyMemory<byte> bytes, string path)
    {
        CodeImage image = CodeImage.Read(bytes, path);
        image.CheckRunnable(engine.Features);
        if (image.Options.Bounds == BoundsMode.Guarded && engine.Bounds == BoundsMode.Explicit)
        {
            throw new ImageException(
                ImageFault.MissingFeatures,
                $"{path}: compiled for guarded memories, but address space is short here; compile the module again on this machine");
        }

        return image;
    }

    private NameSection DecodeNames()
    {
        NameSection names = NameSection.Decode(Definition);
        GC.KeepAlive(this);
        return names;
    }

    private ExternType Describe(ExternKind kind, int index) => kind switch
    {
        ExternKind.Function => new ExternType(kind, Function: Definition.TypeOf(new FuncIndex(index))),
        ExternKind.Table => new ExternType(kind, Table: Definition.Tables[index]),
        ExternKind.Memory => new ExternType(kind, Memory: Definition.Memories[index]),
        ExternKind.Global => new ExternType(kind, Global: Definition.Globals[index]),
        _ => new ExternType(kind, Tag: Definition.FunctionTypeAt(Definition.Tags[index].Type)),
    };
}
