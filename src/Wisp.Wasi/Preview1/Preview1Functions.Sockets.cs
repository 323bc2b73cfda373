using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

// Sockets: preview 1 can only accept from listeners that the host opened, and use the connections.
internal sealed partial class Preview1Functions
{
    private const uint ReceivePeek = 1;
    private const uint ReceiveWaitAll = 2;

    public ValueTask<Errno> SockAccept(GuestCall call, uint fd, uint flags, uint accepted)
    {
        if ((flags & ~(uint)FdFlags.NonBlock) != 0)
        {
            return new ValueTask<Errno>(Errno.Inval);
        }

        Errno error = GetSocket(fd, Rights.SockAccept, out SocketDescriptor? listener);
        if (error == Errno.Success)
        {
            error = TryAccept(call.View, listener!, (FdFlags)flags, accepted);
        }

        return error == Errno.Again && listener!.Waits
            ? WaitAndAccept(call, listener, (FdFlags)flags, accepted)
            : new ValueTask<Errno>(error);
    }

    public ValueTask<Errno> SockRecv(GuestCall call, uint fd, uint iovs, uint count, uint flags, uint nread,
        uint outFlags)
    {
        if ((flags & ~(ReceivePeek | ReceiveWaitAll)) != 0)
        {
            return new ValueTask<Errno>(Errno.Inval);
        }

        Errno error = GetSocket(fd, Rights.FdRead, out SocketDescriptor? socket);
        if (error != Errno.Success)
        {
            return new ValueTask<Errno>(error);
        }

        // A stream is never truncated: the flags that go out are zero.
        if (!call.View.TryWriteUInt16(outFlags, 0))
        {
            return new ValueTask<Errno>(Errno.Fault);
        }

        if ((flags & ReceivePeek) != 0)
        {
            error = TryPeek(call.View, socket!, iovs, count, nread);
            return error == Errno.Again && socket!.Waits
                ? WaitAndPeek(call, socket, iovs, count, nread)
                : new ValueTask<Errno>(error);
        }

        return (flags & ReceiveWaitAll) != 0 && socket!.Waits
            ? ReceiveAll(call, socket, iovs, count, nread)
            : FdRead(call, fd, iovs, count, nread);
    }

    public ValueTask<Errno> SockSend(GuestCall call, uint fd, uint iovs, uint count, uint flags, uint nwritten)
    {
        if (flags != 0)
        {
            return new ValueTask<Errno>(Errno.Inval);
        }

        Errno error = GetSocket(fd, Rights.FdWrite, out _);
        return error == Errno.Success ? FdWrite(call, fd, iovs, count, nwritten) : new ValueTask<Errno>(error);
    }

    public Errno SockShutdown(GuestMemory memory, uint fd, uint how)
    {
        Errno error = GetSocket(fd, Rights.SockShutdown, out SocketDescriptor? socket);
        if (error != Errno.Success)
        {
            return error;
        }

        // how: 1 reading, 2 writing, 3 both. Linux counts from zero.
        return how is >= 1 and <= 3 ? Result(LibC.Shutdown(socket!.Host, (int)how - 1)) : Errno.Inval;
    }

    private Errno GetSocket(uint fd, Rights rights, out SocketDescriptor? socket)
    {
        socket = null;
        if (!_descriptors.TryGet(fd, out Descriptor? descriptor))
        {
            return Errno.Badf;
        }

        socket = descriptor as SocketDescriptor;
        return socket is null
            ? Errno.Notsock : (socket.RightsBase & rights) == rights ? Errno.Success : Errno.Notcapable;
    }

    private async ValueTask<Errno> WaitAndAccept(GuestCall call, SocketDescriptor listener, FdFlags flags,
        uint accepted)
    {
        Errno error;
        do
        {
            await listener.WaitAsync(write: false, call.CancellationToken).ConfigureAwait(false);
            error = TryAccept(call.View, listener, flags, accepted);
        }
        while (error == Errno.Again);
        return error;
    }

    private Errno TryAccept(GuestMemory memory, SocketDescriptor listener, FdFlags flags, uint accepted)
    {
        if (!memory.TrySlice(accepted, sizeof(uint), out _))
        {
            return Errno.Fault;
        }

        int number = LibC.Accept(listener.Host, 0, 0, SocketFlags.AcceptNonBlock | SocketFlags.AcceptCloseOnExec);
        if (number < 0)
        {
            return HostFile.LastError();
        }

        SocketDescriptor connection = new(new HostDescriptor(number), listens: false, flags);
        connection.RightsBase &= listener.RightsInheriting;
        return _descriptors.TryAdd(connection, out uint fd) ? Store(memory, accepted, fd) : Errno.Mfile;
    }

    private static async ValueTask<Errno> WaitAndPeek(GuestCall call, SocketDescriptor socket, uint iovs, uint count,
        uint nread)
    {
        Errno error;
        do
        {
            await socket.WaitAsync(write: false, call.CancellationToken).ConfigureAwait(false);
            error = TryPeek(call.View, socket, iovs, count, nread);
        }
        while (error == Errno.Again);
        return error;
    }

    // Peeking twice would give the same bytes twice, so only the first buffer is filled.
    private static Errno TryPeek(GuestMemory memory, SocketDescriptor socket, uint iovs, uint count, uint nread)
    {
        Errno error = CheckTransfer(memory, count, nread);
        if (error != Errno.Success)
        {
            return error;
        }

        Span<byte> bytes = default;
        for (uint i = 0; i < count && bytes.IsEmpty; i++)
        {
            if (!TryGetIovec(memory, iovs, i, out bytes))
            {
                return Errno.Fault;
            }
        }

        error = HostFile.Receive(socket.Host, bytes, SocketFlags.Peek | SocketFlags.DontWait, out int peeked);
        return error == Errno.Success ? Store(memory, nread, (uint)peeked) : error;
    }

    /// <summary>Fills all buffers, unless the connection ends before.</summary>
    private static async ValueTask<Errno> ReceiveAll(GuestCall call, SocketDescriptor socket, uint iovs, uint count,
        uint nread)
    {
        Errno error = CheckTransfer(call.View, count, nread);
        uint total = 0;
        for (uint i = 0; i < count && error == Errno.Success; i++)
        {
            int filled = 0;
            while (true)
            {
                error = TryFill(call.View, socket, iovs, i, ref filled, out bool ended);
                if (error != Errno.Again)
                {
                    total += (uint)filled;
                    count = ended ? 0 : count;
                    break;
                }

                await socket.WaitAsync(write: false, call.CancellationToken).ConfigureAwait(false);
            }
        }

        return error == Errno.Success || total > 0 ? Store(call.View, nread, total) : error;
    }

    private static Errno TryFill(
        GuestMemory memory, SocketDescriptor socket, uint iovs, uint index, ref int filled, out bool ended)
    {
        ended = false;
        if (!TryGetIovec(memory, iovs, index, out Span<byte> bytes))
        {
            return Errno.Fault;
        }

        while (filled < bytes.Length)
        {
            Errno error = socket.TryRead(bytes[filled..], out int read);
            if (error != Errno.Success)
            {
                return error;
            }

            ended = read == 0;
            if (ended)
            {
                break;
            }

            filled += read;
        }

        return Errno.Success;
    }
}
