using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A linear memory.</summary>
public sealed class Memory : Extern
{
    /// <summary>Makes a memory of the host's own, to be imported by instances.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its size in pages of 64 KiB.</param>
    /// <exception cref="LinkException">The store's limit or the machine forbids the size.</exception>
    public Memory(Store store, MemoryType type)
        : base(store)
    {
        Type = type;
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Memory;

    /// <summary>The type that it was made with; <see cref="Bytes"/> is the size now.</summary>
    public MemoryType Type { get; }

    /// <summary>Length in bytes, a multiple of 64 KiB.</summary>
    public long Bytes => throw new InvalidOperationException("no memories yet");

    /// <summary>A checked view of all its bytes as of now.</summary>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public GuestMemory Guest => throw new InvalidOperationException("no memories yet");

    /// <summary>Its bytes as of now; of a memory over 2 GiB - 1 the first ones.</summary>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public Span<byte> Span => throw new InvalidOperationException("no memories yet");

    /// <summary>Adds pages at the end of the memory.</summary>
    /// <param name="pages">Pages to add, 64 KiB each. Zero only reads the size.</param>
    /// <param name="before">Size before the call, in pages; also set when the result is false.</param>
    /// <returns><see langword="false"/>, with nothing changed, if the type's maximum, the store's limit or the machine forbids it.</returns>
    /// <remarks>Grows in place: an earlier span stays valid and keeps its length. Not thread safe, like its store. Source:
    /// <see href="https://webassembly.github.io/spec/core/exec/instructions.html#exec-memory-grow">memory.grow</see>.</remarks>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public bool TryGrow(ulong pages, out ulong before) => throw new InvalidOperationException("no memories yet");
}
