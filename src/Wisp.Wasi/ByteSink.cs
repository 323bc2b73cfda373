using System.IO.Pipelines;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi;

/// <summary>Where a program's bytes go, such as its standard output.</summary>
/// <remarks>As with <see cref="ByteSource"/>, writing never waits; waiting is apart from it. Used by one program at a
/// time; not thread safe.</remarks>
public abstract class ByteSink
{
    /// <summary>Takes all and keeps nothing.</summary>
    public static ByteSink Null { get; } = new NullSink();

    /// <summary>Whether the sink is a terminal.</summary>
    public virtual bool IsTerminal => false;

    /// <summary>Whether a write would take something without waiting.</summary>
    public abstract bool IsReady { get; }

    /// <summary>The standard output of this process.</summary>
    public static ByteSink StandardOutput() => new HostSink(HostDescriptor.Standard(1));

    /// <summary>The standard error of this process.</summary>
    public static ByteSink StandardError() => new HostSink(HostDescriptor.Standard(2));

    /// <summary>Keeps the bytes in a stream.</summary>
    /// <param name="stream">The stream, such as a <see cref="MemoryStream"/>; its writes must not wait.</param>
    public static ByteSink ToStream(Stream stream) => new StreamSink(stream);

    /// <summary>Writes into a pipe and flushes after each write; a full pipe makes the program wait.</summary>
    /// <param name="writer">The pipe. It is not completed by the sink.</param>
    public static ByteSink ToPipe(PipeWriter writer) => new PipeSink(writer);

    /// <summary>Writes what fits.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="count">How many were taken.</param>
    /// <returns><see langword="false"/> when nothing fits now: wait, then ask again.</returns>
    /// <exception cref="IOException">The sink failed, or nobody reads it any more.</exception>
    public abstract bool TryWrite(ReadOnlySpan<byte> bytes, out int count);

    /// <summary>Completes when <see cref="TryWrite"/> is worth another try.</summary>
    /// <param name="cancellationToken">Stops the wait.</param>
    public abstract ValueTask WaitAsync(CancellationToken cancellationToken);
}
