using Microsoft.AspNetCore.Http;

namespace Wisp.Host.Apps;

/// <summary>An answer that needs no component.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
internal sealed record StaticAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    // Written whole, a large body would be copied for each client that takes its time, and that time would be counted for all of it.
    private const int PieceBytes = 64 * 1024;

    public async Task SendAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        foreach (KeyValuePair<string, string> header in Headers)
        {
            response.Headers.Append(header.Key, header.Value);
        }

        // 204 and 304 never have a body (RFC 9110 6.4.1); that of HEAD is only counted.
        if (Status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            response.ContentLength = Body.Length;
            for (int at = 0; at < Body.Length && !HttpMethods.IsHead(context.Request.Method); at += PieceBytes)
            {
                ReadOnlyMemory<byte> piece = Body.AsMemory(at, Math.Min(PieceBytes, Body.Length - at));
                await response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            }
        }
    }
}
