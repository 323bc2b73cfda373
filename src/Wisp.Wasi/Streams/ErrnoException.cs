using Wisp.Wasi.Preview1;

namespace Wisp.Wasi;

/// <summary>A stream of the host failed with an error that a guest can be told.</summary>
internal sealed class ErrnoException(string message, Errno errno) : IOException(message)
{
    public Errno Errno { get; } = errno;

    /// <summary>What a guest is told of a stream's failure.</summary>
    public static Errno Of(IOException failure, Errno otherwise) =>
        failure is ErrnoException known ? known.Errno : otherwise;
}
