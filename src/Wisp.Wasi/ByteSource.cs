using System.IO.Pipelines;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi;

/// <summary>Bytes that a program reads, such as its standard input.</summary>
/// <remarks>A source is asked without waiting, and waited for apart from that: so a program that waits holds no
/// thread, and no reference into its memory outlives the call. Used by one program at a time; not thread
/// safe.</remarks>
public abstract class ByteSource
{
    /// <summary>A source at its end.</summary>
    public static ByteSource Empty { get; } = new MemorySource(default);

    /// <summary>Whether the source is a terminal.</summary>
    public virtual bool IsTerminal => false;

    /// <summary>Whether a read would give something, or the end, without waiting.</summary>
    public abstract bool IsReady { get; }

    /// <summary>The standard input of this process.</summary>
    /// <remarks>Only one source may read it at a time.</remarks>
    public static ByteSource StandardInput() => new HostSource(HostDescriptor.Standard(0));

    /// <summary>Some bytes, then the end.</summary>
    /// <param name="bytes">The bytes, which must not change while they are read.</param>
    public static ByteSource FromBytes(ReadOnlyMemory<byte> bytes) => new MemorySource(bytes);

    /// <summary>What a pipe gives; it is read as the program asks, so its back-pressure reaches the writer.</summary>
    /// <param name="reader">The pipe. It is not completed by the source.</param>
    public static ByteSource FromPipe(PipeReader reader) => new PipeSource(reader);

    /// <summary>Reads what there is.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="count">Bytes read; zero is the end when the buffer is not empty.</param>
    /// <returns><see langword="false"/> when there is nothing yet: wait, then ask again.</returns>
    /// <exception cref="IOException">The source failed.</exception>
    public abstract bool TryRead(Span<byte> buffer, out int count);

    /// <summary>Completes when <see cref="TryRead"/> is worth another try.</summary>
    /// <param name="cancellationToken">Stops the wait.</param>
    public abstract ValueTask WaitAsync(CancellationToken cancellationToken);
}
