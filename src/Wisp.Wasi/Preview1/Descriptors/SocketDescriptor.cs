using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>A listening socket that the host opened, or a connection that was accepted from one. Never blocks on the
/// host.</summary>
internal sealed class SocketDescriptor(HostDescriptor host, bool listens, FdFlags flags) : Descriptor(
    FileType.SocketStream, listens ? ListenerRights : ConnectionRights, listens ? ConnectionRights : Rights.None, flags)
{
    private const Rights ConnectionRights = Rights.FdRead | Rights.FdWrite | Rights.FdFdstatSetFlags | Rights.FdFilestatGet
        | Rights.PollFdReadwrite | Rights.SockShutdown;

    private const Rights ListenerRights = Rights.FdFdstatSetFlags | Rights.FdFilestatGet | Rights.PollFdReadwrite
        | Rights.SockAccept | Rights.FdRead;

    public HostDescriptor Host => host;

    public override Errno TryRead(Span<byte> buffer, out int count) =>
        HostFile.Receive(host, buffer, SocketFlags.DontWait, out count);

    public override Errno TryWrite(ReadOnlySpan<byte> bytes, out int count) =>
        HostFile.Send(host, bytes, SocketFlags.DontWait | SocketFlags.NoSignal, out count);

    public override bool IsReady(bool write, out ulong bytes, out bool hangUp)
    {
        bytes = 0;
        hangUp = false;
        if (!HostFile.IsReady(host, write))
        {
            return false;
        }

        if (!write && !listens)
        {
            // A connection that is readable but has no bytes was closed by its peer.
            Span<byte> peeked = stackalloc byte[1];
            Errno error = HostFile.Receive(host, peeked, SocketFlags.Peek | SocketFlags.DontWait, out int count);
            bytes = (ulong)count;
            hangUp = error == Errno.Success && count == 0;
        }

        return true;
    }

    public override ValueTask WaitAsync(bool write, CancellationToken cancellationToken) =>
        ReadinessPoller.Shared.WaitAsync(host, write, cancellationToken);

    protected override void Close() => host.Dispose();
}
