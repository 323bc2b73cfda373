using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Wisp.Host.Requests;

/// <summary>Connections within this process: a client gets a stream, the server the other end. Nothing listens on the machine.</summary>
/// <remarks>Whatever the server does with bytes from a socket it does with these, so a request without a server is answered like one with.</remarks>
internal sealed class MemoryConnections : IConnectionSource
{
    // A client may send all of its request before it reads, while the server waits for it to read.
    private const int MaxWaitingBytes = 64 << 20;

    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 0);

    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();
    private IPEndPoint _server = Client;
    private int _count;

    /// <summary>Opens a connection.</summary>
    public Stream Connect()
    {
        var toServer = new Pipe();
        var toClient = new Pipe(new PipeOptions(pauseWriterThreshold: MaxWaitingBytes, resumeWriterThreshold: MaxWaitingBytes / 2));
        var client = new DuplexStream(new DuplexPipe(toClient.Reader, toServer.Writer));
        var connection = new MemoryConnection(
            Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture), new DuplexPipe(toServer.Reader, toClient.Writer), client)
        {
            LocalEndPoint = _server,
            RemoteEndPoint = Client,
        };
        return _connections.Writer.TryWrite(connection) ? client : throw new IOException("the server has stopped");
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        _server = (IPEndPoint)endpoint;
        return ValueTask.FromResult<IConnectionListener>(new Listener(this, endpoint));
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>The server's end. Pipes are only completed by those who use them: an end that is cut is told to look.</summary>
    private sealed class MemoryConnection : DefaultConnectionContext
    {
        private readonly DuplexStream _client;
        private readonly CancellationTokenSource _clientLeft = new();

        public MemoryConnection(string id, IDuplexPipe transport, DuplexStream client)
            : base(id)
        {
            Transport = transport;
            _client = client;

            // As with a socket: who leaves stops what runs for it.
            ConnectionClosed = _clientLeft.Token;
            client.Closed = () => ThreadPool.UnsafeQueueUserWorkItem(static left => left.Cancel(), _clientLeft, preferLocal: false);
        }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _client.Cut();
            Transport.Input.CancelPendingRead();
        }

        public override async ValueTask DisposeAsync()
        {
            await Transport.Input.CompleteAsync().ConfigureAwait(false);
            await Transport.Output.CompleteAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }

    private sealed class Listener(MemoryConnections source, EndPoint endPoint) : IConnectionListener
    {
        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return await source._connections.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                return null;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            source._connections.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
    }
}
