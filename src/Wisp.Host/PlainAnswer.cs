using System.Text;
using Microsoft.AspNetCore.Http;

namespace Wisp.Host;

/// <summary>The server's own answers: a status and one line, nothing about the program's insides.</summary>
internal static class PlainAnswer
{
    public static async Task SendAsync(HttpContext context, int status, string text)
    {
        byte[] body = Encoding.UTF8.GetBytes($"{status} {text}\n");
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body).ConfigureAwait(false);
    }
}
