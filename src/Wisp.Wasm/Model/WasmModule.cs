namespace Wisp.Wasm.Model;

/// <summary>A decoded module: every section as the specification's abstract syntax, function bodies as byte ranges.</summary>
/// <remarks>
/// Index spaces list imported entries first. Made by the decoder, then checked by the validator; nobody changes it afterwards.
/// Source: <see href="https://webassembly.github.io/spec/core/syntax/modules.html">modules</see>.
/// </remarks>
public sealed class WasmModule
{
    /// <summary>The whole binary; every offset below counts from its start.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Defined types, recursion groups flattened.</summary>
    public DefinedType[] Types { get; init; } = [];

    /// <summary>Imports in the order of the binary.</summary>
    public Import[] Imports { get; init; } = [];

    /// <summary>The type of each function.</summary>
    public TypeIndex[] Functions { get; init; } = [];

    /// <summary>The type of each table.</summary>
    public TableType[] Tables { get; init; } = [];

    /// <summary>The type of each memory.</summary>
    public MemoryType[] Memories { get; init; } = [];

    /// <summary>The type of each global.</summary>
    public GlobalType[] Globals { get; init; } = [];

    /// <summary>The type of each tag.</summary>
    public TagType[] Tags { get; init; } = [];

    /// <summary>How many of <see cref="Functions"/> are imported.</summary>
    public int ImportedFunctionCount { get; init; }

    /// <summary>How many of <see cref="Tables"/> are imported.</summary>
    public int ImportedTableCount { get; init; }

    /// <summary>How many of <see cref="Memories"/> are imported.</summary>
    public int ImportedMemoryCount { get; init; }

    /// <summary>How many of <see cref="Globals"/> are imported.</summary>
    public int ImportedGlobalCount { get; init; }

    /// <summary>How many of <see cref="Tags"/> are imported.</summary>
    public int ImportedTagCount { get; init; }

    /// <summary>Initial value of each table that is not imported; null where the elements start as null references.</summary>
    public ConstantExpression?[] TableInitializers { get; init; } = [];

    /// <summary>Initial value of each global that is not imported.</summary>
    public ConstantExpression[] GlobalInitializers { get; init; } = [];

    /// <summary>Exports in the order of the binary.</summary>
    public Export[] Exports { get; init; } = [];

    /// <summary>The function that instantiation calls, if any.</summary>
    public FuncIndex? Start { get; init; }

    /// <summary>Element segments.</summary>
    public ElementSegment[] Elements { get; init; } = [];

    /// <summary>Data segments.</summary>
    public DataSegment[] Data { get; init; } = [];

    /// <summary>The data count section's number, if there is one.</summary>
    public uint? DataCount { get; init; }

    /// <summary>Bodies of the functions that are not imported. Empty in an image's module, whose code is compiled already.</summary>
    public FunctionBody[] Bodies { get; init; } = [];

    /// <summary>Custom sections, in the order of the binary.</summary>
    public CustomSection[] CustomSections { get; init; } = [];

    /// <summary>The function type behind a type index, which the validator has checked to be one.</summary>
    /// <param name="type">Index of a function type.</param>
    /// <returns>The function type.</returns>
    public FunctionType FunctionTypeAt(TypeIndex type) => (FunctionType)Types[type.Index].Composite;

    /// <summary>The type of a function.</summary>
    /// <param name="function">Its index.</param>
    /// <returns>The function type.</returns>
    public FunctionType TypeOf(FuncIndex function) => FunctionTypeAt(Functions[function.Index]);
}
