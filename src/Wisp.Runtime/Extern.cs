using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>Something that an instance exports or imports: a function, table, memory, global or tag of one store.</summary>
public abstract class Extern
{
    private protected Extern(Store store)
    {
        Store = store;
    }

    /// <summary>The store it belongs to.</summary>
    public Store Store { get; }

    /// <summary>Which of the five kinds it is.</summary>
    public abstract ExternKind Kind { get; }
}
