using Wisp.Wasi.Platform.Linux;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi;

/// <summary>A descriptor of the host, such as its standard output.</summary>
internal sealed class HostSink : ByteSink
{
    // A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking; more might block the thread, and with
    // it the deadline of the program.
    private const int PipeBytes = 4096;

    private readonly HostDescriptor _descriptor;
    private readonly bool _isFile;

    public HostSink(HostDescriptor descriptor)
    {
        _descriptor = descriptor;
        _isFile = HostFile.Stat(descriptor, out FileStat stat) == Errno.Success && stat.Type == FileType.RegularFile;
        IsTerminal = LibC.IsATty(descriptor) == 1;
    }

    public override bool IsTerminal { get; }

    public override bool IsReady => _isFile || HostFile.IsReady(_descriptor, write: true);

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        do
        {
            if (!IsReady)
            {
                return count > 0;
            }

            ReadOnlySpan<byte> next = bytes[count..];
            next = _isFile ? next : next[..Math.Min(next.Length, PipeBytes)];
            switch (HostFile.Write(_descriptor, next, out int written))
            {
                case Errno.Success:
                    count += written;
                    break;
                case Errno.Again:
                    return count > 0;
                case Errno error:
                    throw new ErrnoException("writing failed", error);
            }
        }
        while (count < bytes.Length);
        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) =>
        ReadinessPoller.Shared.WaitAsync(_descriptor, write: true, cancellationToken);
}
