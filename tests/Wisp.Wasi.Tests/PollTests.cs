using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Wisp.Wasi.Platform.Linux;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

public sealed class PollTests
{
    internal const uint Subscriptions = 8192;
    internal const uint Events = 16384;

    [Fact]
    public async Task ClockIsWaitedForAndEarliestWins()
    {
        using TestGuest guest = new();
        PutClock(guest, 0, 11, ClockId.Monotonic, 60_000_000_000);
        PutClock(guest, 1, 22, ClockId.Realtime, 20_000_000);
        Stopwatch watch = Stopwatch.StartNew();
        ValueTask<Errno> polled = guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 2, TestGuest.At);
        Assert.False(polled.IsCompleted);
        Assert.Equal(Errno.Success, await polled);
        Assert.InRange(watch.ElapsedMilliseconds, 19, 10_000);
        Assert.Equal([(22UL, Errno.Success, EventType.Clock)], Occurred(guest));
    }

    [Fact]
    public async Task AbsoluteTimeIsMetAtThatTime()
    {
        using TestGuest guest = new();
        Assert.Equal(Errno.Success, guest.Wasi.ClockTimeGet(guest.View, 1, 0, TestGuest.At));
        PutClock(guest, 0, 1, ClockId.Monotonic, guest.LongResult, absolute: true);
        Assert.Equal(Errno.Success,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 1, TestGuest.At)));
        PutClock(guest, 0, 1, ClockId.Monotonic, guest.Wasi.ClockTimeGet(guest.View, 1, 0, TestGuest.At) == 0
            ? guest.LongResult + 5_000_000 : 0, absolute: true);
        Assert.Equal(Errno.Success, await guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 1, TestGuest.At));
    }

    [Fact]
    public void FilesAreAlwaysReadyAndSayHowMuchIsLeft()
    {
        using TestGuest guest = new();
        uint fd = guest.MustOpen("f", OFlags.Create,
            Rights.FdRead | Rights.FdWrite | Rights.FdSeek | Rights.PollFdReadwrite);
        Assert.Equal(Errno.Success, guest.Write(fd, "12345"));
        Assert.Equal(Errno.Success, guest.Wasi.FdSeek(guest.View, fd, 2, (uint)Whence.Set, TestGuest.At));
        PutDescriptor(guest, 0, 5, EventType.FdRead, fd);
        PutClock(guest, 1, 6, ClockId.Monotonic, 60_000_000_000);
        Assert.Equal(Errno.Success,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 2, TestGuest.At)));
        Assert.Equal([(5UL, Errno.Success, EventType.FdRead)], Occurred(guest));
        Assert.Equal(3UL, BinaryPrimitives.ReadUInt64LittleEndian(guest.Memory[((int)Events + 16)..]));
    }

    [Fact]
    public void WrongDescriptorsAndClocksAreEventsWithErrors()
    {
        using TestGuest guest = new();
        PutDescriptor(guest, 0, 1, EventType.FdRead, 99);
        PutDescriptor(guest, 1, 2, EventType.FdWrite, TestGuest.Root);
        PutClock(guest, 2, 3, (ClockId)77, 1);
        Assert.Equal(Errno.Success,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 3, TestGuest.At)));
        Assert.Equal(
            [(1UL, Errno.Badf, EventType.FdRead), (2UL, Errno.Badf, EventType.FdWrite),
                (3UL, Errno.Inval, EventType.Clock)],
            Occurred(guest));
    }

    [Fact]
    public void CountsAndAddressesAreBounded()
    {
        using TestGuest guest = new();
        Assert.Equal(Errno.Inval,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 0, TestGuest.At)));
        Assert.Equal(Errno.Inval,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, uint.MaxValue, TestGuest.At)));
        Assert.Equal(Errno.Fault,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, uint.MaxValue - 4, Events, 1, TestGuest.At)));
        Assert.Equal(Errno.Fault,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, uint.MaxValue - 4, 1, TestGuest.At)));
        guest.Memory[(int)Subscriptions + 8] = 9;
        Assert.Equal(Errno.Inval,
            TestGuest.AtOnce(guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 1, TestGuest.At)));
    }

    [Fact]
    public async Task PipeWakesTheProgramWhenBytesCome()
    {
        Pipe pipe = new();
        using TestGuest guest = new(builds: builder => builder.Input = ByteSource.FromPipe(pipe.Reader));
        PutDescriptor(guest, 0, 1, EventType.FdRead, 0);
        PutClock(guest, 1, 2, ClockId.Monotonic, 60_000_000_000);
        ValueTask<Errno> polled = guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 2, TestGuest.At);
        Assert.False(polled.IsCompleted);
        await pipe.Writer.WriteAsync("hello"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(Errno.Success, await polled);
        Assert.Equal([(1UL, Errno.Success, EventType.FdRead)], Occurred(guest));
        Assert.Equal(Errno.Success, guest.Read(0, 3, out string text));
        Assert.Equal("hel", text);
        Assert.Equal(Errno.Success, guest.Read(0, 10, out text));
        Assert.Equal("lo", text);
        ValueTask<Errno> read = guest.ReadAsync(0, 10);
        Assert.False(read.IsCompleted);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(Errno.Success, await read);
        Assert.Equal(0u, guest.Result);
    }

    [Fact]
    public async Task NonBlockingReadDoesNotWait()
    {
        Pipe pipe = new();
        using TestGuest guest = new(builds: builder => builder.Input = ByteSource.FromPipe(pipe.Reader));
        Assert.Equal(Errno.Success, guest.Wasi.FdFdstatSetFlags(guest.View, 0, (uint)FdFlags.NonBlock));
        Assert.Equal(Errno.Again, guest.Read(0, 10, out _));
        await pipe.Writer.WriteAsync("x"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(Errno.Success, guest.Read(0, 10, out string text));
        Assert.Equal("x", text);
    }

    [Fact]
    public async Task FullOutputMakesTheProgramWaitUntilItIsRead()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 8, resumeWriterThreshold: 4));
        using TestGuest guest = new(builds: builder => builder.Output = ByteSink.ToPipe(pipe.Writer));
        Assert.Equal(Errno.Success, guest.Write(1, "0123456789"));
        ValueTask<Errno> written = guest.Wasi.FdWrite(guest.Call, 1, guest.PutIovecs("more"), 1, TestGuest.At);
        Assert.False(written.IsCompleted);
        ReadResult result = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        Assert.Equal(Errno.Success, await written);
        Assert.Equal(4u, guest.Result);
        await pipe.Reader.CompleteAsync();
        Assert.Equal(Errno.Pipe, guest.Write(1, "nobody"));
    }

    [Fact]
    public void ErrorOfTheHostIsTheErrorOfTheGuest()
    {
        using HostDescriptor full = new(LibC.Open("/dev/full", OpenFlags.WriteOnly, 0));
        using TestGuest guest = new(builds: builder => builder.Output = new HostSink(full));
        Assert.Equal(Errno.Nospc, guest.Write(1, "text"));
    }

    [Fact]
    public async Task CancellationEndsAWait()
    {
        Pipe pipe = new();
        using TestGuest guest = new(builds: builder => builder.Input = ByteSource.FromPipe(pipe.Reader));
        using CancellationTokenSource stop = new();
        GuestCall call = guest.Call with { Token = stop.Token };
        PutDescriptor(guest, 0, 1, EventType.FdRead, 0);
        Task<Errno> polled = guest.Wasi.PollOneoff(call, Subscriptions, Events, 1, TestGuest.At).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => polled);
    }

    [Fact]
    public void SubscriptionsOfUnstableAreLonger()
    {
        using TestGuest guest = new();
        Span<byte> at = guest.Memory[(int)Subscriptions..];
        for (int i = 0; i < 2; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at[(56 * i)..], (ulong)i + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(at[((56 * i) + 16)..], 0xdead);   // the identifier
            BinaryPrimitives.WriteUInt32LittleEndian(at[((56 * i) + 24)..], 1);
        }

        Assert.Equal(Errno.Success,
            TestGuest.AtOnce(guest.Wasi.PollOneoffUnstable(guest.Call, Subscriptions, Events, 2, TestGuest.At)));
        Assert.Equal([(1UL, Errno.Success, EventType.Clock), (2UL, Errno.Success, EventType.Clock)], Occurred(guest));
    }

    [Fact]
    public async Task AcceptsAndTalksOnGrantedListener()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using TestGuest guest = new(
            grants: grant => Assert.True(grant.TryAddFlag("net", "listen:127.0.0.1:*", out _)),
            builds: builder => builder.AddListener(listener));
        const uint Listener = 4;
        ValueTask<Errno> accepting = guest.Wasi.SockAccept(guest.Call, Listener, 0, TestGuest.At);
        Assert.False(accepting.IsCompleted);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        Assert.Equal(Errno.Success, await accepting);
        uint connection = guest.Result;

        ValueTask<Errno> reading = guest.ReadAsync(connection, 100);
        Assert.False(reading.IsCompleted);
        client.Send("ping"u8);
        Assert.Equal(Errno.Success, await reading);
        Assert.Equal("ping", guest.LastRead());

        client.Send("abc"u8);
        uint iovecs = guest.PutIovecs("---");
        Assert.Equal(Errno.Success, await guest.Wasi.SockRecv(guest.Call, connection, iovecs, 1, 1, TestGuest.At, 900));
        Assert.Equal("abc", guest.LastRead());
        iovecs = guest.PutIovecs("--", "---");
        ValueTask<Errno> receiving = guest.Wasi.SockRecv(guest.Call, connection, iovecs, 2, 2, TestGuest.At, 900);
        Assert.False(receiving.IsCompleted);
        client.Send("de"u8);
        Assert.Equal(Errno.Success, await receiving);
        Assert.Equal("abcde", guest.LastRead());

        Assert.Equal(Errno.Success,
            await guest.Wasi.SockSend(guest.Call, connection, guest.PutIovecs("pong"), 1, 0, TestGuest.At));
        Assert.Equal(Errno.Success, guest.Wasi.SockShutdown(guest.View, connection, 2));
        byte[] answer = new byte[16];
        Assert.Equal(4, client.Receive(answer));
        Assert.Equal(0, client.Receive(answer));

        client.Close();
        PutDescriptor(guest, 0, 1, EventType.FdRead, connection);
        Assert.Equal(Errno.Success, await guest.Wasi.PollOneoff(guest.Call, Subscriptions, Events, 1, TestGuest.At));
        Assert.Equal(1, guest.Memory[(int)Events + 24]);   // hung up
        Assert.Equal(Errno.Notcapable, await guest.Wasi.SockAccept(guest.Call, connection, 0, TestGuest.At));
    }

    [Fact]
    public async Task GrantedListenersAreOpenedAndClosedWithTheProgram()
    {
        int port;
        using (Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        using (TestGuest guest = new(
            grants: grant => Assert.True(grant.TryAddFlag("net", $"listen:tcp://127.0.0.1:{port}", out _)),
            builds: builder => builder.OpenListeners()))
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            Assert.Equal(Errno.Success, await guest.Wasi.SockAccept(guest.Call, 4, 0, TestGuest.At));
        }

        using Socket late = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(
            async () => await late.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ListenerWithoutGrantIsRefused()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Assert.Throws<UnauthorizedAccessException>(() =>
        {
            using TestGuest guest = new(builds: builder => builder.AddListener(listener));
        });
    }

    internal static void PutClock(TestGuest guest, int index, ulong userData, ClockId clock, ulong timeout,
        bool absolute = false)
    {
        Span<byte> at = guest.Memory[((int)Subscriptions + (48 * index))..];
        at[..48].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(at, userData);
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], (uint)clock);
        BinaryPrimitives.WriteUInt64LittleEndian(at[24..], timeout);
        at[40] = absolute ? (byte)1 : (byte)0;
    }

    private static void PutDescriptor(TestGuest guest, int index, ulong userData, EventType type, uint fd)
    {
        Span<byte> at = guest.Memory[((int)Subscriptions + (48 * index))..];
        at[..48].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(at, userData);
        at[8] = (byte)type;
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], fd);
    }

    private static List<(ulong UserData, Errno Error, EventType Type)> Occurred(TestGuest guest)
    {
        List<(ulong, Errno, EventType)> events = [];
        for (int i = 0; i < guest.Result; i++)
        {
            ReadOnlySpan<byte> at = guest.Memory[((int)Events + (32 * i))..];
            events.Add((BitConverter.ToUInt64(at), (Errno)BitConverter.ToUInt16(at[8..]), (EventType)at[10]));
        }

        return events;
    }
}
