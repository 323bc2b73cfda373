using Microsoft.AspNetCore.Http;
using Wisp.Wasi;

namespace Wisp.Host.Cgi;

/// <summary>
/// The standard input of a CGI program: the body of the request, read from the connection as the program asks for it. Other than
/// the RFC has it, a body without a length (chunked) is passed on too; the program reads to the end.
/// </summary>
internal sealed class CgiInput : ByteSource
{
    private readonly ByteSource _pipe;
    private readonly Action _refused;

    /// <summary>Makes the input of one request.</summary>
    /// <param name="request">Where it comes from.</param>
    /// <param name="refused">Told that the server refused the body; the program need not go on.</param>
    public CgiInput(HttpRequest request, Action refused)
    {
        _pipe = FromPipe(request.BodyReader);
        _refused = refused;
    }

    /// <summary>The status that the server refused the body with, such as 413, or null.</summary>
    public int? Refusal { get; private set; }

    public override bool IsReady
    {
        get
        {
            try
            {
                return _pipe.IsReady;
            }
            catch (BadHttpRequestException refusal)
            {
                throw Refused(refusal);
            }
        }
    }

    public override bool TryRead(Span<byte> buffer, out int count)
    {
        try
        {
            return _pipe.TryRead(buffer, out count);
        }
        catch (BadHttpRequestException refusal)
        {
            throw Refused(refusal);
        }
    }

    public override async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _pipe.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BadHttpRequestException refusal)
        {
            throw Refused(refusal);
        }
    }

    private IOException Refused(BadHttpRequestException refusal)
    {
        Refusal = refusal.StatusCode;
        _refused();
        return new IOException(refusal.Message, refusal);
    }
}
