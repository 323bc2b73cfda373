using System.Text;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Invocations;

namespace Wisp.Host;

/// <summary>The server's own answers: a status and one line, nothing about the program's insides.</summary>
internal static class PlainAnswer
{
    /// <summary>In the log alone: the client went away before there was an answer.</summary>
    public const int ClientClosedRequest = 499;

    public static async Task SendAsync(HttpContext context, int status, string text)
    {
        byte[] body = Encoding.UTF8.GetBytes($"{status} {text}\n");
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body).ConfigureAwait(false);
    }

    /// <summary>Answers a request that reaches no program.</summary>
    public static async Task<InvocationOutcome> RefuseAsync(HttpContext context, int status, string text)
    {
        try
        {
            await SendAsync(context, status, text).ConfigureAwait(false);
            return new InvocationOutcome(status);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return new InvocationOutcome(ClientClosedRequest);
        }
    }
}
