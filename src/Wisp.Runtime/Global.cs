using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A global variable or constant.</summary>
public sealed class Global : Extern
{
    /// <summary>Makes a global of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type.</param>
    /// <param name="initial">Its first value.</param>
    public Global(Store store, GlobalType type, Value initial)
        : base(store)
    {
        Type = type;
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Global;

    /// <summary>Its type.</summary>
    public GlobalType Type { get; }

    /// <summary>Its value now.</summary>
    /// <exception cref="InvalidOperationException">Set, and the global is immutable.</exception>
    public Value Value
    {
        get => throw new InvalidOperationException("no globals yet");
        set => throw new InvalidOperationException("no globals yet");
    }
}
