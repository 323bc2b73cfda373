using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>What a catch clause catches, and whether it hands on the exception itself.</summary>
public enum CatchKind : byte
{
    /// <summary>Exceptions of a tag; the label gets their values.</summary>
    Catch,

    /// <summary>Exceptions of a tag; the label gets their values and the exception.</summary>
    CatchRef,

    /// <summary>Every exception; the label gets nothing.</summary>
    CatchAll,

    /// <summary>Every exception; the label gets it.</summary>
    CatchAllRef,
}

/// <summary>A catch clause of <c>try_table</c>.</summary>
/// <param name="Kind">What it catches.</param>
/// <param name="Tag">The tag, for the two kinds that name one.</param>
/// <param name="Depth">The label it branches to, counted from outside the <c>try_table</c>.</param>
public readonly record struct CatchClause(CatchKind Kind, TagIndex Tag, int Depth);
