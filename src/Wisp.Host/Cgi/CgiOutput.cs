using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Wisp.Wasi;

namespace Wisp.Host.Cgi;

// When written bytes leave for the client: a program often writes a little and ends, and then all of its answer should go in one
// piece. So a write only starts a flush when much is waiting; else it queues one, on this thread's own queue of the pool. The queue
// is looked at when the program ends (then the end of the answer has sent all), when it waits for something, or by another thread
// while it goes on computing. Nothing stays behind for longer than that.
//
// 1. The pipe, and the fields about it, are only touched under the lock: the queued flush runs beside the program.
// 2. After Detach the queued flush does nothing: the connection may serve its next request by then.

/// <summary>
/// The standard output of a CGI program: the head becomes status and headers, everything behind it is sent as it comes. While the
/// client reads slower than the program writes, the program waits, so no answer is ever held whole.
/// </summary>
internal sealed class CgiOutput : ByteSink, IThreadPoolWorkItem
{
    private const int FlushBytes = 16 * 1024;
    private const int MaxChunkBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly HttpResponse _response;
    private readonly CgiResponseHead _head;
    private readonly long? _maxBytes;
    private readonly Action _refused;
    private PipeWriter? _pipe;
    private Task<FlushResult>? _flush;   // while the client is behind
    private int _waiting;                // bytes in the pipe that no flush has taken
    private long _body;
    private bool _isQueued;
    private bool _isDetached;

    /// <summary>Makes the output of one request.</summary>
    /// <param name="response">Where it goes.</param>
    /// <param name="maxHeadBytes">Limit of the head.</param>
    /// <param name="maxBytes">Limit of the body, or null.</param>
    /// <param name="refused">Told that the output is no answer; the program need not go on.</param>
    public CgiOutput(HttpResponse response, int maxHeadBytes, long? maxBytes, Action refused)
    {
        _response = response;
        _head = new CgiResponseHead(maxHeadBytes);
        _maxBytes = maxBytes;
        _refused = refused;
    }

    /// <summary>Why the output was refused; once set, every write fails.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether the output was refused because its body is longer than the limit.</summary>
    public bool IsTooLong => _body > _maxBytes;

    /// <summary>Whether the program has written a whole head.</summary>
    public bool HasHead => _head.IsComplete;

    /// <summary>Whether the program has written nothing at all.</summary>
    public bool IsEmpty => _head.IsEmpty;

    public override bool IsReady
    {
        get
        {
            lock (_lock)
            {
                return _flush is null || _flush.IsCompleted;
            }
        }
    }

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (Fault is not null)
        {
            throw new IOException(Fault);
        }

        try
        {
            lock (_lock)
            {
                if (!TakeFlush())
                {
                    return false;
                }

                count = TakeHead(bytes);
                ReadOnlySpan<byte> body = bytes[count..];
                if (!HasBody())
                {
                    count = bytes.Length;
                }
                else if (!body.IsEmpty)
                {
                    count += WriteBody(body[..Math.Min(body.Length, MaxChunkBytes)]);
                }

                return true;
            }
        }
        catch (CgiException fault)
        {
            Fault = fault.Message;
            _refused();
            throw new IOException(fault.Message, fault);
        }
    }

    public override async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        Task<FlushResult>? flush;
        lock (_lock)
        {
            flush = _flush;
        }

        if (flush is not null)
        {
            await flush.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the writing; must be called before the request does.</summary>
    public void Detach()
    {
        lock (_lock)
        {
            _isDetached = true;
        }
    }

    /// <summary>Sends the rest of the answer, after <see cref="Detach"/>.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);

        // What the last flush left is little, but a client that reads nothing would hold even that for as long as it likes.
        await _response.CompleteAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_lock)
        {
            _isQueued = false;
            if (!_isDetached && _waiting > 0 && (_flush is null || _flush.IsCompleted))
            {
                StartFlush();
            }
        }
    }

    /// <summary>Takes note of a flush that has ended.</summary>
    /// <returns>Whether the pipe can take more.</returns>
    private bool TakeFlush()
    {
        if (_flush is null)
        {
            return true;
        }

        if (!_flush.IsCompleted)
        {
            return false;
        }

        FlushResult result = _flush.GetAwaiter().GetResult();
        _flush = null;
        return !result.IsCompleted ? true : throw new IOException("nobody reads the answer any more");
    }

    private int WriteBody(ReadOnlySpan<byte> body)
    {
        CountBody(body.Length);
        _pipe ??= _response.BodyWriter;
        body.CopyTo(_pipe.GetSpan(body.Length));
        _pipe.Advance(body.Length);
        _waiting += body.Length;
        if (_waiting >= FlushBytes)
        {
            StartFlush();
        }
        else if (!_isQueued)
        {
            _isQueued = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }

        return body.Length;
    }

    private void StartFlush()
    {
        _waiting = 0;
        _flush = _pipe!.FlushAsync().AsTask();
    }

    /// <summary>How many of the bytes belong to the head.</summary>
    private int TakeHead(ReadOnlySpan<byte> bytes)
    {
        if (_head.IsComplete)
        {
            return 0;
        }

        int taken = _head.Append(bytes);
        if (_head.IsComplete)
        {
            StartResponse();
        }

        return taken;
    }

    private void StartResponse()
    {
        _response.StatusCode = _head.Status;
        foreach (KeyValuePair<string, string> header in _head.Headers)
        {
            _response.Headers.Append(header.Key, header.Value);
        }

        if (HasBody())
        {
            _response.ContentLength = _head.ContentLength;
        }
    }

    /// <summary>204 and 304 never have a body (RFC 9110 6.4.1), whatever the program writes.</summary>
    private bool HasBody() => _head.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);

    private void CountBody(int count)
    {
        _body += count;
        if (_head.ContentLength is long length && _body > length)
        {
            throw new CgiException($"the body is longer than the Content-Length of {length}");
        }

        if (_body > _maxBytes)
        {
            throw new CgiException($"the body is longer than the limit of {_maxBytes} bytes");
        }
    }
}
