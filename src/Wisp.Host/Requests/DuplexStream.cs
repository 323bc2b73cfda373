using System.IO.Pipelines;

namespace Wisp.Host.Requests;

/// <summary>Two pipes as the one stream of a connection.</summary>
/// <remarks>One read at a time. Disposal ends a read that waits, as it does with a socket: that read then completes the pipe.</remarks>
internal sealed class DuplexStream(IDuplexPipe pipe) : Stream
{
    private const int Idle = 0;
    private const int Reading = 1;
    private const int Disposed = 2;

    private readonly Stream _input = pipe.Input.AsStream();
    private readonly Stream _output = pipe.Output.AsStream();

    private volatile bool _isCut;
    private int _use;   // Idle, Reading or Disposed

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Called once when the stream is disposed, or null.</summary>
    public Action? Closed { get; set; }

    /// <summary>Ends the connection as far as the reader is concerned; may come from any thread.</summary>
    public void Cut()
    {
        _isCut = true;
        pipe.Input.CancelPendingRead();
    }

    public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Interlocked.CompareExchange(ref _use, Reading, Idle) == Disposed, this);
        try
        {
            return await _input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_isCut)
        {
            throw new IOException("the connection was cut");
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _use, Idle, Reading) == Disposed)
            {
                await _input.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _output.WriteAsync(buffer, cancellationToken);

    public override void Flush() => _output.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        int use = disposing ? Interlocked.Exchange(ref _use, Disposed) : Disposed;
        if (use != Disposed)
        {
            _output.Dispose();
            Closed?.Invoke();
            if (use == Reading)
            {
                Cut();
            }
            else
            {
                _input.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
