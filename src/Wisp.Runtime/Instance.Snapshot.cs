using Wisp.Abi.Images;
using Wisp.Memories;
using Wisp.Snapshots;
using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp;

/// <content>Snapshots: an instance's state as an image, whose instances start with that state.</content>
public sealed partial class Instance
{
    private bool _hasContinued;

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
    /// <exception cref="ImageException">It is too large for an image.</exception>
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
    /// The twin shows that nothing which differs from run to run came into the guest: no time, no random number, no address. For that it is
    /// of an engine of its own, so that nothing lies where it lies here; where the two wait, it must be. They may be at rest, or both wait in the same call of a host
    /// function, made by a function without parameters and results, in stores that <see cref="Store.TakesSnapshots">take
    /// snapshots</see>: then the stack is kept too, and instances go on with <see cref="ContinueAsync"/>.
    /// </remarks>
    /// <param name="twin">An instance of a module with the same code, in another store.</param>
    /// <param name="notes">Bytes to be kept with it, 64 KiB at most.</param>
    /// <returns>The bytes of a <c>.wisp</c> file.</returns>
    /// <exception cref="SnapshotException">The two differ, have something that an image cannot keep, or wait and are of one engine.</exception>
    /// <exception cref="ImageException">It is too large for an image.</exception>
    /// <exception cref="InvalidOperationException">A guest of either store runs, or of one alone waits.</exception>
    public byte[] ToImage(Instance twin, ReadOnlyMemory<byte> notes = default)
    {
        ArgumentNullException.ThrowIfNull(twin);
        Store.ThrowIfDisposed();
        twin.Store.ThrowIfDisposed();
        if (twin.Store == Store || !Store.TryAcquire())
        {
            throw Busy();
        }

        try
        {
            return twin.Store.TryAcquire() ? ToImageWithin(twin, notes) : throw Busy();
        }
        finally
        {
            Store.Release();
        }
    }

    /// <summary>Goes on with the call in which the instance that the snapshot was taken of waited, by calling its host function
    /// once more.</summary>
    /// <param name="cancellationToken">Stops the guest within milliseconds, whether it runs or waits.</param>
    /// <exception cref="InvalidOperationException">The module is no snapshot of a guest that waited, or this was called before.</exception>
    /// <exception cref="ImageException">The snapshot's stack points out of the instance's memories.</exception>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    /// <exception cref="OperationCanceledException">It was stopped by <paramref name="cancellationToken"/>.</exception>
    public async ValueTask ContinueAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Module.State?.Waiting is not { } waiting || Interlocked.Exchange(ref _hasContinued, true))
        {
            throw new InvalidOperationException("the instance is not in the middle of a call");
        }

        while (!Store.TryAcquire())
        {
            await Store.WhenFree().ConfigureAwait(false);
        }

        Activation? activation = null;
        try
        {
            int status;
            try
            {
                activation = Activation.BeginWaiting(Store, this, waiting);
                status = activation.ContinueAsync(cancellationToken);
            }
            finally
            {
                Store.Release();   // on the thread that acquired it: nothing has been awaited since
            }

            if (status != GuestStatus.Done)
            {
                await activation.RunSlowlyAsync(status).ConfigureAwait(false);
            }
        }
        finally
        {
            activation?.End();
        }
    }

    // Both stores are acquired.
    private byte[] ToImageWithin(Instance twin, ReadOnlyMemory<byte> notes)
    {
        try
        {
            WaitingCall? waiting = null;
            if (Store.FindWaiting() is { } mine && twin.Store.FindWaiting() is { } its)
            {
                waiting = WaitingStack.Relate(new WaitingStack(this, mine), new WaitingStack(twin, its));
            }
            else if (!Store.IsAtRest || !twin.Store.IsAtRest)
            {
                throw Busy();
            }

            var state = new InstanceState(this);
            byte[] image = state.ToImage(notes, null);
            byte[] other = new InstanceState(twin).ToImage(notes, null);
            if (!image.AsSpan().SequenceEqual(other))
            {
                throw new SnapshotException(ImageDifference.Explain(image, other));
            }

            return waiting is null ? image : state.ToImage(notes, waiting);
        }
        finally
        {
            twin.Store.Release();
        }
    }

    /// <summary>The bits of an own global.</summary>
    internal UInt128 OwnGlobalBits(int global) => GlobalBits(global);

    /// <summary>The elements of an own table.</summary>
    internal ReadOnlySpan<ulong> ElementsOf(int table) => TableAt(table).Elements;

    /// <summary>Bytes of address space from r15 on that are the instance's; zero without an own memory 0.</summary>
    internal long ReservedBytes => _slot.Size.ReservedBytes;

    /// <summary>Address of an own table's first element.</summary>
    internal nint ElementsAddress(int table) =>
        RawMemory.ReadPointer(_context + Layout.OwnTable(new TableIndex(table)) + Abi.VmLayout.TableRecordElements);

    /// <summary>Address of an imported function's FuncRef.</summary>
    internal nint ImportedFunction(int function) => (nint)ReferenceTo(function);

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
