namespace Wisp.Wasi.Preview1;

/// <summary>A byte source of the host, such as standard input.</summary>
internal sealed class SourceDescriptor(ByteSource source) : Descriptor(
    source.IsTerminal ? FileType.CharacterDevice : FileType.Unknown,
    Rights.FdRead | Rights.FdFdstatSetFlags | Rights.FdFilestatGet | Rights.PollFdReadwrite, Rights.None, FdFlags.None)
{
    public override Errno TryRead(Span<byte> buffer, out int count)
    {
        try
        {
            return source.TryRead(buffer, out count) ? Errno.Success : Errno.Again;
        }
        catch (IOException failure)
        {
            count = 0;
            return ErrnoException.Of(failure, Errno.Io);
        }
    }

    public override bool IsReady(bool write, out ulong bytes, out bool hangUp)
    {
        hangUp = false;
        bool ready = source.IsReady;
        bytes = ready ? 1UL : 0;   // at least; a source does not say how many
        return ready;
    }

    public override ValueTask WaitAsync(bool write, CancellationToken cancellationToken) =>
        source.WaitAsync(cancellationToken);
}

/// <summary>A byte sink of the host, such as standard output.</summary>
internal sealed class SinkDescriptor(ByteSink sink) : Descriptor(
    sink.IsTerminal ? FileType.CharacterDevice : FileType.Unknown,
    Rights.FdWrite | Rights.FdFdstatSetFlags | Rights.FdFilestatGet | Rights.PollFdReadwrite, Rights.None, FdFlags.None)
{
    public override Errno TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        try
        {
            return sink.TryWrite(bytes, out count) ? Errno.Success : Errno.Again;
        }
        catch (IOException failure)
        {
            count = 0;
            return ErrnoException.Of(failure, Errno.Pipe);
        }
    }

    public override bool IsReady(bool write, out ulong bytes, out bool hangUp)
    {
        bytes = 0;
        hangUp = false;
        return sink.IsReady;
    }

    public override ValueTask WaitAsync(bool write, CancellationToken cancellationToken) =>
        sink.WaitAsync(cancellationToken);
}
