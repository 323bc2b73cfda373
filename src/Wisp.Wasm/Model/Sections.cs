namespace Wisp.Wasm.Model;

/// <summary>The five kinds of things that cross a module's border.</summary>
public enum ExternKind : byte
{
    /// <summary>Function.</summary>
    Function,

    /// <summary>Table.</summary>
    Table,

    /// <summary>Memory.</summary>
    Memory,

    /// <summary>Global.</summary>
    Global,

    /// <summary>Tag of exceptions.</summary>
    Tag,
}

/// <summary>An import.</summary>
/// <param name="Module">First part of its name.</param>
/// <param name="Name">Second part of its name.</param>
/// <param name="Kind">What is imported.</param>
/// <param name="Index">Its index in the space of its kind, where its type is found.</param>
public sealed record Import(string Module, string Name, ExternKind Kind, int Index);

/// <summary>An export.</summary>
/// <param name="Name">Its name, unique in the module.</param>
/// <param name="Kind">What is exported.</param>
/// <param name="Index">Its index in the space of its kind.</param>
public sealed record Export(string Name, ExternKind Kind, int Index);

/// <summary>A constant expression: a range of the module's bytes, up to and including its <c>end</c>.</summary>
/// <param name="Offset">Where it starts.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct ConstantExpression(int Offset, int Length);

/// <summary>What instantiation does with a segment.</summary>
public enum SegmentMode : byte
{
    /// <summary>Kept for <c>table.init</c> or <c>memory.init</c>.</summary>
    Passive,

    /// <summary>Copied when the module is instantiated, then dropped.</summary>
    Active,

    /// <summary>Only declares functions that <c>ref.func</c> may name. Elements only.</summary>
    Declarative,
}

/// <summary>An element segment. Either <see cref="Functions"/> or <see cref="Expressions"/> has its elements.</summary>
/// <param name="Mode">What instantiation does with it.</param>
/// <param name="Type">The reference type of its elements.</param>
/// <param name="Table">For an active one, the table written.</param>
/// <param name="Offset">For an active one, where in the table.</param>
/// <param name="Functions">Elements as function indices, or null.</param>
/// <param name="Expressions">Elements as constant expressions, or null.</param>
public sealed record ElementSegment(
    SegmentMode Mode, ValType Type, TableIndex Table, ConstantExpression Offset, FuncIndex[]? Functions,
    ConstantExpression[]? Expressions)
{
    /// <summary>Number of elements.</summary>
    public int Count => Functions?.Length ?? Expressions!.Length;
}

/// <summary>A data segment.</summary>
/// <param name="Mode">What instantiation does with it.</param>
/// <param name="Memory">For an active one, the memory written.</param>
/// <param name="Offset">For an active one, where in the memory.</param>
/// <param name="BytesOffset">Where its bytes start in the module.</param>
/// <param name="BytesLength">How many bytes it has.</param>
public sealed record DataSegment(
    SegmentMode Mode, MemoryIndex Memory, ConstantExpression Offset, int BytesOffset, int BytesLength);

/// <summary>A run of locals of one type.</summary>
/// <param name="Count">How many.</param>
/// <param name="Type">Their type.</param>
public readonly record struct LocalRun(uint Count, ValType Type);

/// <summary>The body of a function.</summary>
/// <param name="Offset">Where its first instruction starts, after the local declarations.</param>
/// <param name="Length">Bytes from there up to and including the final <c>end</c>.</param>
/// <param name="Locals">Declared locals, parameters not among them.</param>
public sealed record FunctionBody(int Offset, int Length, LocalRun[] Locals);

/// <summary>A custom section.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Where its contents start, after the name.</param>
/// <param name="Length">Length of its contents.</param>
public sealed record CustomSection(string Name, int Offset, int Length);
