using Wisp.Wasi.Platform.Linux;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi;

/// <summary>A descriptor of the host, such as its standard input.</summary>
/// <remarks>It is asked with poll(2) before each read and is never made non-blocking: that flag belongs to the open
/// file, which other processes share.</remarks>
internal sealed class HostSource(HostDescriptor descriptor) : ByteSource
{
    public override bool IsTerminal { get; } = LibC.IsATty(descriptor) == 1;

    public override bool IsReady => HostFile.IsReady(descriptor, write: false);

    public override bool TryRead(Span<byte> buffer, out int count)
    {
        count = 0;
        if (!IsReady)
        {
            return false;
        }

        switch (HostFile.Read(descriptor, buffer, out count))
        {
            case Errno.Success:
                return true;
            case Errno.Again:
                return false;
            case Errno.Badf:
                return true;   // this process was started with it closed: an empty input
            case Errno error:
                throw new ErrnoException("reading standard input failed", error);
        }
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) =>
        ReadinessPoller.Shared.WaitAsync(descriptor, write: false, cancellationToken);
}
