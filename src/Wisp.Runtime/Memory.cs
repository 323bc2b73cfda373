using Wisp.Abi;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A linear memory.</summary>
public sealed class Memory : Extern
{
    private const ulong MaxPages32 = 1UL << 16;
    private const ulong MaxPages64 = 1UL << 47 >> 16;   // all that an x64 process could map

    // Of the contexts of slots that hold a memory alone.
    private static readonly object Owner = new();

    private readonly MemorySlot _slot;
    private readonly nint _record;

    /// <summary>Makes a memory of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its size in pages of 64 KiB.</param>
    /// <exception cref="LinkException">The store's limit or the machine forbids the size.</exception>
    public Memory(Store store, MemoryType type)
        : base(store)
    {
        store.ThrowIfDisposed();
        Type = type;
        _slot = AllocateAlone(store, type);
        _record = _slot.Origin + VmLayout.Memory0Base;
        WriteRecord();
    }

    /// <summary>A memory of an instance, in the instance's slot or its own.</summary>
    internal Memory(Store store, MemoryType type, MemorySlot slot, nint record)
        : base(store)
    {
        Type = type;
        _slot = slot;
        _record = record;
        WriteRecord();
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Memory;

    /// <summary>The type that it was made with; <see cref="Bytes"/> is the size now.</summary>
    public MemoryType Type { get; }

    /// <summary>Length in bytes, a multiple of 64 KiB.</summary>
    public long Bytes => _slot.CommittedBytes;

    /// <summary>A checked view of all its bytes as of now.</summary>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public GuestMemory Guest
    {
        get
        {
            Store.ThrowIfDisposed();
            Store.HasRun = true;
            return new GuestMemory(_slot.Origin, (ulong)_slot.CommittedBytes);
        }
    }

    /// <summary>Its bytes as of now; of a memory over 2 GiB - 1 the first ones.</summary>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public Span<byte> Span
    {
        get
        {
            Guest.TrySlice(0, (ulong)Math.Min(Bytes, int.MaxValue), out Span<byte> bytes);
            return bytes;
        }
    }

    /// <summary>Address of its first byte.</summary>
    internal nint Origin => _slot.Origin;

    /// <summary>Bytes of address space that are its own.</summary>
    internal long ReservedBytes => _slot.Size.ReservedBytes;

    /// <summary>Address of the VmMemory.</summary>
    internal nint Record => _record;

    /// <summary>The type as of now, for matching an import.</summary>
    internal MemoryType CurrentType => Type with
    {
        Limits = Type.Limits with { Minimum = (ulong)(Bytes / VmLayout.WasmPageBytes) },
    };

    /// <summary>Adds pages at the end of the memory.</summary>
    /// <param name="pages">Pages to add, 64 KiB each. Zero only reads the size.</param>
    /// <param name="before">Size before the call, in pages; also set when the result is false.</param>
    /// <returns><see langword="false"/>, with nothing changed, if the type's maximum, the store's limit or the machine forbids it.</returns>
    /// <remarks>Grows in place: an earlier span stays valid and keeps its length. Not thread safe, like its store. Source:
    /// <see href="https://webassembly.github.io/spec/core/exec/instructions.html#exec-memory-grow">memory.grow</see>.</remarks>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public bool TryGrow(ulong pages, out ulong before)
    {
        Store.ThrowIfDisposed();
        before = (ulong)(Bytes / VmLayout.WasmPageBytes);
        if (pages == 0)
        {
            return true;
        }

        ulong maximum = MaxPages(Type);
        if (pages > maximum || before > maximum - pages)
        {
            return false;
        }

        long added = (long)pages * VmLayout.WasmPageBytes;
        if (!Store.TryTakeMemory(added))
        {
            return false;
        }

        // A slot is no larger than the limit, so the limit is asked first: then it is what was met.
        if (added > UsableBytes(_slot.Size) - Bytes || !_slot.TryCommit(Bytes + added))
        {
            Store.ReturnMemory(added);
            return false;
        }

        WriteRecord();
        return true;
    }

    /// <summary>Takes a slot for a memory that is not memory 0 of an instance.</summary>
    internal static MemorySlot AllocateAlone(Store store, MemoryType type)
    {
        SlotPool pool = store.Engine.Slots;
        SlotShelf? shelf = ShelfOf(store.Engine, type, VmLayout.PageBytes, null);
        MemorySlot slot = Allocate(store, type, VmLayout.PageBytes, shelf, null, Owner);
        store.Own(new SlotLease(pool, slot, shelf));
        return slot;
    }

    /// <summary>The pool's shelf for memories of a type; null when they are not pooled.</summary>
    internal static SlotShelf? ShelfOf(Engine engine, MemoryType type, int contextBytes, HeapImage? image) =>
        type.Is64 || engine.Bounds == BoundsMode.Explicit ? null : engine.Slots.ShelfFor(SlotSize.Guarded(contextBytes), image);

    /// <summary>Takes a slot with a memory committed to its minimum.</summary>
    internal static MemorySlot Allocate(
        Store store, MemoryType type, int contextBytes, SlotShelf? shelf, HeapImage? image, object owner)
    {
        if (type.Limits.Minimum > MaxPages(type))
        {
            throw new LinkException($"memory size of {type.Limits.Minimum} pages is more than this machine can address");
        }

        store.AddMemory();
        long bytes = (long)type.Limits.Minimum * VmLayout.WasmPageBytes;
        if (!store.TryTakeMemory(bytes))
        {
            throw new LinkException($"the store's limit of {store.Limits.MaxMemoryBytes} bytes of memory is met: {bytes} more wanted");
        }

        MemorySlot? slot = shelf is null
            ? ReserveUnguarded(store, type, bytes, contextBytes)
            : store.Engine.Slots.Rent(shelf);
        if (slot is null || !slot.TryPrepare(bytes, image, owner))
        {
            store.ReturnMemory(bytes);
            slot?.Unmap();
            throw MemorySlot.OutOfMemory(new SlotSize(contextBytes, bytes));
        }

        return slot;
    }

    private static MemorySlot? ReserveUnguarded(Store store, MemoryType type, long bytes, int contextBytes)
    {
        long maximum = (long)Math.Min(MaxPages(type), (ulong)long.MaxValue / VmLayout.WasmPageBytes) * VmLayout.WasmPageBytes;
        long reserve = AddressSpace.ReserveFor(bytes, Math.Min(maximum, store.Limits.MaxMemoryBytes));
        while (true)
        {
            MemorySlot? slot = store.Engine.Slots.Reserve(new SlotSize(contextBytes, reserve));
            if (slot is not null || reserve <= Math.Max(bytes, VmLayout.WasmPageBytes))
            {
                return slot;
            }

            reserve = Math.Max(bytes, (reserve / 2) & ~(VmLayout.WasmPageBytes - 1));
        }
    }

    /// <summary>Pages of 64 KiB that a memory of a type can have at most.</summary>
    internal static ulong MaxPages(MemoryType type) =>
        Math.Min(type.Limits.Maximum ?? ulong.MaxValue, type.Is64 ? MaxPages64 : MaxPages32);

    private static long UsableBytes(SlotSize size) =>
        size.ReservedBytes == VmLayout.ReservedBytes + VmLayout.GuardBytes ? VmLayout.ReservedBytes : size.ReservedBytes;

    private void WriteRecord()
    {
        RawMemory.WritePointer(_record + VmLayout.MemoryRecordBase, _slot.Origin);
        RawMemory.Write64(_record + VmLayout.MemoryRecordLength, (ulong)_slot.CommittedBytes);
    }
}
