using Microsoft.AspNetCore.Http;
using Wisp.Host.Invocations;

namespace Wisp.Host.Apps;

/// <summary>An answer that needs no component.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, unless it is a file.</param>
/// <param name="File">The file that is its body, read for each request; or null.</param>
internal sealed record StaticAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, string? File = null)
{
    // Written whole, a large body would be copied for each client that takes its time, and that time would be counted for all of it.
    private const int PieceBytes = 64 * 1024;

    public async Task<InvocationOutcome> SendAsync(HttpContext context)
    {
        FileStream? file = null;
        try
        {
            file = File is null ? null : new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, useAsync: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            InvocationOutcome refused = await PlainAnswer.RefuseAsync(
                context, StatusCodes.Status500InternalServerError, "the answer cannot be read").ConfigureAwait(false);
            return refused with { Failure = exception.Message };
        }

        try
        {
            await SendAsync(context, file).ConfigureAwait(false);
            return new InvocationOutcome(Status);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return new InvocationOutcome(PlainAnswer.ClientClosedRequest);
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(HttpContext context, FileStream? file)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        foreach (KeyValuePair<string, string> header in Headers)
        {
            response.Headers.Append(header.Key, header.Value);
        }

        // 204 and 304 never have a body (RFC 9110 6.4.1); that of HEAD is only counted.
        if (Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentLength = file?.Length ?? Body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (file is null)
        {
            for (int at = 0; at < Body.Length; at += PieceBytes)
            {
                ReadOnlyMemory<byte> piece = Body.AsMemory(at, Math.Min(PieceBytes, Body.Length - at));
                await response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            }
        }
        else
        {
            await file.CopyToAsync(response.Body, PieceBytes, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
