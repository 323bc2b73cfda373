using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

/// <summary>The index spaces of a module while it is parsed.</summary>
internal sealed class ModuleScope
{
    /// <summary>Types.</summary>
    public IndexSpace Types { get; } = new("type", "type");

    /// <summary>What the types are.</summary>
    public TypeTable TypeTable { get; } = new();

    /// <summary>Functions.</summary>
    public IndexSpace Functions { get; } = new("func", "function");

    /// <summary>Tables.</summary>
    public IndexSpace Tables { get; } = new("table", "table");

    /// <summary>Memories.</summary>
    public IndexSpace Memories { get; } = new("memory", "memory");

    /// <summary>Globals.</summary>
    public IndexSpace Globals { get; } = new("global", "global");

    /// <summary>Tags.</summary>
    public IndexSpace Tags { get; } = new("tag", "tag");

    /// <summary>Element segments.</summary>
    public IndexSpace Elements { get; } = new("elem", "elem segment");

    /// <summary>Data segments.</summary>
    public IndexSpace Data { get; } = new("data", "data segment");

    /// <summary>The index space of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Its space.</returns>
    public IndexSpace Of(ExternKind kind) => kind switch
    {
        ExternKind.Function => Functions,
        ExternKind.Table => Tables,
        ExternKind.Memory => Memories,
        ExternKind.Global => Globals,
        _ => Tags,
    };

    /// <summary>The kind that a word stands for in imports and exports.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The kind, or null.</returns>
    public static ExternKind? KindOf(Keyword word) => word switch
    {
        Keyword.Func => ExternKind.Function,
        Keyword.Table => ExternKind.Table,
        Keyword.Memory => ExternKind.Memory,
        Keyword.Global => ExternKind.Global,
        Keyword.Tag => ExternKind.Tag,
        _ => null,
    };
}
