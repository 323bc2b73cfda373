using Wisp.Abi;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A table of references.</summary>
#pragma warning disable CA1001   // The store owns and frees the elements.
public sealed class Table : Extern
#pragma warning restore CA1001
{
    private readonly SlotType _slotType;
    private readonly TableStorage _storage;

    /// <summary>Makes a table of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Element type and size.</param>
    /// <param name="initial">What each element is at first.</param>
    /// <exception cref="LinkException">The store's limit forbids the size.</exception>
    public Table(Store store, TableType type, Value initial)
        : this(store, type, TypeSpace.Host, store.AllocateRecord(VmLayout.TableRecordBytes))
    {
        _storage.Elements.Fill(Slots.ToBits(initial, _slotType, store));
    }

    internal Table(Store store, TableType type, TypeSpace space, nint record)
        : base(store)
    {
        store.ThrowIfDisposed();
        Type = type;
        Space = space;
        Record = record;
        _slotType = space.SlotOf(type.Element);
        _storage = new TableStorage(record, Take(store, type));
        store.Own(_storage);
    }

    /// <summary>A table whose elements lie in its instance's slot, counted already.</summary>
    internal Table(Store store, TableType type, TypeSpace space, nint record, TableStorage storage)
        : base(store)
    {
        Type = type;
        Space = space;
        Record = record;
        _slotType = space.SlotOf(type.Element);
        _storage = storage;
        store.Own(_storage);
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Table;

    /// <summary>The type that it was made with; <see cref="Length"/> is the size now.</summary>
    public TableType Type { get; }

    /// <summary>Number of elements.</summary>
    public long Length => _storage.Length;

    internal TypeSpace Space { get; }

    /// <summary>Address of the VmTable.</summary>
    internal nint Record { get; }

    internal Span<ulong> Elements => _storage.Elements;

    internal TableType CurrentType => Type with { Limits = Type.Limits with { Minimum = (ulong)Length } };

    /// <summary>An element.</summary>
    /// <param name="index">Which one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Value this[long index]
    {
        get
        {
            ulong bits = Elements[Check(index)];
            return _slotType.Kind switch
            {
                SlotKind.Function => Value.FromFunction(Store.References.ToFunction(bits)),
                SlotKind.External => Value.FromExternal(Store.References.ToExternal(bits)),
                _ => Value.FromHandle(Type.Element, bits),
            };
        }
        set => Elements[Check(index)] = Slots.ToBits(value, _slotType, Store);
    }

    /// <summary>Adds elements at the end.</summary>
    /// <param name="count">How many.</param>
    /// <param name="value">What they are.</param>
    /// <param name="before">Number of elements before the call; also set when the result is false.</param>
    /// <returns><see langword="false"/>, with nothing changed, if the type's maximum or the store's limit forbids it.</returns>
    public bool TryGrow(ulong count, Value value, out ulong before) =>
        TryGrowBits(count, Slots.ToBits(value, _slotType, Store), out before);

    internal bool TryGrowBits(ulong count, ulong bits, out ulong before)
    {
        Store.ThrowIfDisposed();
        before = (ulong)Length;
        ulong maximum = Math.Min(Type.Limits.Maximum ?? ulong.MaxValue, (ulong)Array.MaxLength);
        if (count > maximum || before > maximum - count || !Store.TryTakeElements((long)count))
        {
            return false;
        }

        if (!_storage.TryGrow((long)count))
        {
            Store.TryTakeElements(-(long)count);
            return false;
        }

        Elements[(int)before..].Fill(bits);
        return true;
    }

    /// <summary>Counts a table's first elements against the store's limit.</summary>
    internal static long Take(Store store, TableType type)
    {
        ulong minimum = type.Limits.Minimum;
        long count = (long)Math.Min(minimum, long.MaxValue);
        if (!store.TryTakeElements(count))
        {
            throw new LinkException($"the store's limit of {store.Limits.MaxTableElements} table elements is met: {minimum} more wanted");
        }

        if (count > Array.MaxLength)
        {
            store.TryTakeElements(-count);
            throw new LinkException($"a table of {minimum} elements is more than a table can have here ({Array.MaxLength})");
        }

        return count;
    }

    private int Check(long index)
    {
        Store.ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
        return (int)index;
    }
}
