using Wisp.Abi;
using Wisp.Linking;
using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A global variable or constant.</summary>
public sealed class Global : Extern
{
    private readonly SlotType _slotType;

    /// <summary>Makes a global of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type.</param>
    /// <param name="initial">Its first value.</param>
    public Global(Store store, GlobalType type, Value initial)
        : this(store, type, TypeSpace.Host, store.AllocateRecord(VmLayout.GlobalBytes))
    {
        store.ThrowIfDisposed();
        Slots.WriteValue(Record, initial, _slotType, store);
    }

    internal Global(Store store, GlobalType type, TypeSpace space, nint record)
        : base(store)
    {
        Type = type;
        Space = space;
        Record = record;
        _slotType = space.SlotOf(type.Type);
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Global;

    /// <summary>Its type.</summary>
    public GlobalType Type { get; }

    /// <summary>Its value now.</summary>
    /// <exception cref="InvalidOperationException">Set, and the global is immutable.</exception>
    public Value Value
    {
        get
        {
            Store.ThrowIfDisposed();
            return Slots.ReadValue(Record, _slotType.Kind, Store);
        }
        set
        {
            Store.ThrowIfDisposed();
            if (!Type.IsMutable)
            {
                throw new InvalidOperationException("the global is immutable");
            }

            Slots.WriteValue(Record, value, _slotType, Store);
        }
    }

    internal TypeSpace Space { get; }

    /// <summary>Address of the VmGlobal.</summary>
    internal nint Record { get; }
}
