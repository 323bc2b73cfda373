using Wisp.Linking;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A tag of exceptions.</summary>
public sealed class Tag : Extern
{
    /// <summary>Makes a tag of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">The values that its exceptions carry, as parameters; no results.</param>
    public Tag(Store store, FunctionType type)
        : this(store, type, HostTypes.IdOf(store.Engine, type))
    {
    }

    internal Tag(Store store, FunctionType type, uint typeId)
        : base(store)
    {
        Type = type;
        TypeId = typeId;
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Tag;

    /// <summary>The values that its exceptions carry, as parameters.</summary>
    public FunctionType Type { get; }

    internal uint TypeId { get; }
}
