using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>The type of an import or export. Exactly one of the properties is not null.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Function">A function's parameters and results.</param>
/// <param name="Table">A table's element type and size.</param>
/// <param name="Memory">A memory's size.</param>
/// <param name="Global">A global's type and mutability.</param>
/// <param name="Tag">The function type of a tag.</param>
public sealed record ExternType(
    ExternKind Kind, FunctionType? Function = null, TableType? Table = null, MemoryType? Memory = null, GlobalType? Global = null,
    FunctionType? Tag = null);

/// <summary>An import of a module.</summary>
/// <param name="Module">First part of its name.</param>
/// <param name="Name">Second part of its name.</param>
/// <param name="Type">What it must be.</param>
public sealed record ImportDescription(string Module, string Name, ExternType Type);

/// <summary>An export of a module.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is.</param>
public sealed record ExportDescription(string Name, ExternType Type);
