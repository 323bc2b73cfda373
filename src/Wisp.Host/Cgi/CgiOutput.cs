using Microsoft.AspNetCore.Http;
using Wisp.Wasi;

namespace Wisp.Host.Cgi;

/// <summary>
/// The standard output of a CGI program: the head becomes status and headers, everything behind it is sent as it comes. While the
/// client reads slower than the program writes, the program waits, so no answer is ever held whole.
/// </summary>
internal sealed class CgiOutput : ByteSink
{
    private readonly HttpResponse _response;
    private readonly CgiResponseHead _head;
    private readonly long? _maxBytes;
    private readonly Action _refused;
    private ByteSink? _pipe;
    private long _body;

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

    /// <summary>Whether the program has written a whole head.</summary>
    public bool HasHead => _head.IsComplete;

    /// <summary>Whether the program has written nothing at all.</summary>
    public bool IsEmpty => _head.IsEmpty;

    public override bool IsReady => _pipe?.IsReady ?? true;

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (Fault is not null)
        {
            throw new IOException(Fault);
        }

        if (!IsReady)
        {
            return false;
        }

        try
        {
            int head = TakeHead(bytes);
            ReadOnlySpan<byte> body = bytes[head..];
            if (!body.IsEmpty && HasBody())
            {
                CountBody(body.Length);
                _pipe ??= ToPipe(_response.BodyWriter);
                bool isTaken = _pipe.TryWrite(body, out int taken);
                count = head + taken;
                return isTaken || count > 0;
            }
        }
        catch (CgiException fault)
        {
            Fault = fault.Message;
            _refused();
            throw new IOException(fault.Message, fault);
        }

        count = bytes.Length;
        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) =>
        _pipe?.WaitAsync(cancellationToken) ?? ValueTask.CompletedTask;

    /// <summary>Sends a head that has no body behind it, and whatever is still in the pipe.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (_pipe is not null)
        {
            await _pipe.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await _response.CompleteAsync().ConfigureAwait(false);
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
