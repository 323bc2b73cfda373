using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>What a descriptor number of the guest stands for.</summary>
/// <remarks>
/// Reading and writing never wait: <see cref="Errno.Again"/> asks for <see cref="WaitAsync"/> and another try. What a
/// kind of descriptor cannot do fails with the error that POSIX has for it.
/// </remarks>
internal abstract class Descriptor : IDisposable
{
    /// <summary>Makes a descriptor.</summary>
    protected Descriptor(FileType type, Rights rights, Rights inheriting, FdFlags flags)
    {
        Type = type;
        RightsBase = rights;
        RightsInheriting = inheriting;
        Flags = flags;
    }

    public FileType Type { get; }

    public Rights RightsBase { get; set; }

    public Rights RightsInheriting { get; set; }

    public FdFlags Flags { get; protected set; }

    /// <summary>Whether a read that cannot go on waits for more.</summary>
    public bool Waits => (Flags & FdFlags.NonBlock) == 0;

    public virtual Errno TryRead(Span<byte> buffer, out int count)
    {
        count = 0;
        return Errno.Badf;
    }

    public virtual Errno TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        return Errno.Badf;
    }

    /// <summary>Whether a read (or a write) can go on now, how many bytes are known to be there, and whether the peer
    /// is gone.</summary>
    public virtual bool IsReady(bool write, out ulong bytes, out bool hangUp)
    {
        bytes = 0;
        hangUp = false;
        return true;
    }

    public virtual ValueTask WaitAsync(bool write, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public virtual Errno Stat(out FileStat stat)
    {
        stat = new FileStat(0, 0, Type, 1, 0, 0, 0, 0);
        return Errno.Success;
    }

    public virtual Errno SetFlags(FdFlags flags)
    {
        Flags = flags;
        return Errno.Success;
    }

    public void Dispose() => Close();

    /// <summary>Closes what the descriptor owns on the host.</summary>
    protected virtual void Close()
    {
    }
}
