using Microsoft.AspNetCore.Http;

namespace Wisp.Host.Apps;

/// <summary>An answer that needs no component.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
internal sealed record StaticAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
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
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await response.Body.WriteAsync(Body, context.RequestAborted).ConfigureAwait(false);
            }
        }
    }
}
