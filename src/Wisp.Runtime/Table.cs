using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A table of references.</summary>
public sealed class Table : Extern
{
    /// <summary>Makes a table of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Element type and size.</param>
    /// <param name="initial">What each element is at first.</param>
    /// <exception cref="LinkException">The store's limit forbids the size.</exception>
    public Table(Store store, TableType type, Value initial)
        : base(store)
    {
        Type = type;
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Table;

    /// <summary>The type that it was made with; <see cref="Length"/> is the size now.</summary>
    public TableType Type { get; }

    /// <summary>Number of elements.</summary>
    public long Length => throw new InvalidOperationException("no tables yet");

    /// <summary>An element.</summary>
    /// <param name="index">Which one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Value this[long index]
    {
        get => throw new InvalidOperationException("no tables yet");
        set => throw new InvalidOperationException("no tables yet");
    }

    /// <summary>Adds elements at the end.</summary>
    /// <param name="count">How many.</param>
    /// <param name="value">What they are.</param>
    /// <param name="before">Number of elements before the call; also set when the result is false.</param>
    /// <returns><see langword="false"/>, with nothing changed, if the type's maximum or the store's limit forbids it.</returns>
    public bool TryGrow(ulong count, Value value, out ulong before) => throw new InvalidOperationException("no tables yet");
}
