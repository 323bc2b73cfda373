using Wisp.Snapshots;

namespace Wisp;

/// <content>Snapshots: an instance's state as an image, whose instances start with that state.</content>
public sealed partial class Instance
{
    /// <summary>The module's code and what this instance is now, as an image.</summary>
    /// <remarks>
    /// <para>
    /// Instances of <see cref="Module.FromImage(Engine, ReadOnlyMemory{byte})"/> of it start with the memories, globals, tables and
    /// dropped segments that this one has now, and run no start function. They are as cheap as others: memory 0 is mapped copy-on-write.
    /// Whatever the guest knows is in the image, in the clear: take a snapshot before it learns a secret.
    /// </para>
    /// <para>
    /// An image keeps numbers, and references to functions that the module defines or imports. It keeps no imported memory, table or
    /// global, no host object, and no function of another instance; an instance that has one is refused.
    /// </para>
    /// </remarks>
    /// <param name="notes">Bytes to be kept with it, 64 KiB at most; see <see cref="Module.SnapshotNotes"/>.</param>
    /// <returns>The bytes of a <c>.wisp</c> file.</returns>
    /// <exception cref="SnapshotException">The instance has something that an image cannot keep.</exception>
    /// <exception cref="Abi.Images.ImageException">It is too large for an image.</exception>
    /// <exception cref="InvalidOperationException">A guest of its store runs or waits.</exception>
    public byte[] ToImage(ReadOnlyMemory<byte> notes = default)
    {
        Store.ThrowIfDisposed();
        if (!Store.TryAcquire())
        {
            throw Busy();
        }

        try
        {
            return Store.IsAtRest ? new InstanceState(this).ToImage(notes, null) : throw Busy();
        }
        finally
        {
            Store.Release();
        }
    }

    /// <summary>The same as <see cref="ToImage(ReadOnlyMemory{byte})"/>, if a twin that went the same way is the same now.</summary>
    /// <remarks>
    /// The twin shows that nothing which differs from run to run came into the guest: no time, no random number, no address. It is best
    /// of an engine of its own, so that nothing lies where it lies here.
    /// </remarks>
    /// <param name="twin">An instance of a module with the same code, at rest too.</param>
    /// <param name="notes">Bytes to be kept with it, 64 KiB at most.</param>
    /// <returns>The bytes of a <c>.wisp</c> file.</returns>
    /// <exception cref="SnapshotException">The two differ, or have something that an image cannot keep.</exception>
    /// <exception cref="Abi.Images.ImageException">It is too large for an image.</exception>
    /// <exception cref="InvalidOperationException">A guest of either store runs or waits.</exception>
    public byte[] ToImage(Instance twin, ReadOnlyMemory<byte> notes = default)
    {
        ArgumentNullException.ThrowIfNull(twin);
        byte[] image = ToImage(notes);
        byte[] other = twin.ToImage(notes);
        return image.AsSpan().SequenceEqual(other) ? image : throw new SnapshotException(ImageDifference.Explain(image, other));
    }

    /// <summary>The bits of an own global.</summary>
    internal UInt128 OwnGlobalBits(int global) => GlobalBits(global);

    /// <summary>The elements of an own table.</summary>
    internal ReadOnlySpan<ulong> ElementsOf(int table) => TableAt(table).Elements;

    /// <summary>A memory by its index.</summary>
    internal Memory MemoryOf(int memory) => MemoryAt(memory);

    /// <summary>r15 of its code.</summary>
    internal nint Context => _context;

    internal bool[] DroppedData() => [.. Enumerable.Range(0, Definition.Data.Length).Select(IsDataDropped)];

    internal bool[] DroppedElements() => [.. Enumerable.Range(0, Definition.Elements.Length).Select(IsElementDropped)];

    /// <summary>The index of a function that a reference means.</summary>
    /// <returns>Whether it is one of the module's own or imported functions.</returns>
    internal bool TryFindFunction(ulong reference, out int function)
    {
        long offset = (nint)reference - (_context + Module.FirstFuncRef);
        int slot = (int)Math.Clamp(offset / Abi.VmLayout.FuncRefBytes, 0, int.MaxValue);
        if (offset >= 0 && offset % Abi.VmLayout.FuncRefBytes == 0 && slot < Layout.EscapingFunctions.Length)
        {
            function = Layout.EscapingFunctions[slot].Index;
            return true;
        }

        for (function = 0; function < Definition.ImportedFunctionCount; function++)
        {
            if (ReferenceTo(function) == reference)
            {
                return true;
            }
        }

        return false;
    }

    private static InvalidOperationException Busy() => new("no snapshot can be taken while a guest of the instance's store runs or waits");
}
