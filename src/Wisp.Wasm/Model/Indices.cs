namespace Wisp.Wasm.Model;

// One index type per index space of the specification, so that a function's index is never used as a type's.
// https://webassembly.github.io/spec/core/syntax/modules.html#indices

/// <summary>Index into a module's types.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct TypeIndex(int Index);

/// <summary>Index into a module's functions, imported ones first.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct FuncIndex(int Index);

/// <summary>Index into a module's tables, imported ones first.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct TableIndex(int Index);

/// <summary>Index into a module's memories, imported ones first.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct MemoryIndex(int Index);

/// <summary>Index into a module's globals, imported ones first.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct GlobalIndex(int Index);

/// <summary>Index into a module's tags, imported ones first.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct TagIndex(int Index);

/// <summary>Index into a module's element segments.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct ElementIndex(int Index);

/// <summary>Index into a module's data segments.</summary>
/// <param name="Index">Zero-based position.</param>
public readonly record struct DataIndex(int Index);
