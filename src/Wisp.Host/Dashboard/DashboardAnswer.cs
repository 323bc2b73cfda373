using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Wisp.Host.Dashboard;

/// <summary>Answers a request for a file of the dashboard.</summary>
/// <remarks>The files hold no secret and are sent to anybody who asks; what they show comes from the API, which wants a token.</remarks>
internal static class DashboardAnswer
{
    /// <summary>What a page may do: run our scripts and styles, ask this server. No inline code, no other origin, no frame around it.
    /// Trusted types make a browser refuse text as markup wherever it is assigned, so that what a guest wrote stays text.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    // Values are made once, so that a request makes none.
    private static readonly StringValues Policy = ContentSecurityPolicy;
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues SameOrigin = "same-origin";

    // The browser asks each time and mostly hears 304, so a new binary's page never runs beside an old one's scripts.
    private static readonly StringValues Revalidate = "no-cache";

    /// <summary>Sends a file, or that the client has it.</summary>
    /// <param name="context">A request with GET or HEAD; others are refused with 405.</param>
    /// <param name="file">The file.</param>
    public static Task SendAsync(HttpContext context, DashboardFile file)
    {
        HttpResponse response = context.Response;
        bool isHead = HttpMethods.IsHead(context.Request.Method);
        if (!isHead && !HttpMethods.IsGet(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            response.ContentLength = 0;
            return Task.CompletedTask;
        }

        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = NoReferrer;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        headers.CacheControl = Revalidate;
        headers.ETag = file.ETag;
        if (Has(context.Request.Headers.IfNoneMatch, file.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        return isHead ? Task.CompletedTask : response.Body.WriteAsync(file.Bytes, context.RequestAborted).AsTask();
    }

    private static bool Has(StringValues known, string tag)
    {
        if (known.Count == 1 && known[0] == tag)
        {
            return true;
        }

        // Several tags, or weak ones that a proxy made of ours. RFC 9110 section 13.1.2: compared weakly.
        foreach (string? line in known)
        {
            if (line is not null && EntityTagHeaderValue.TryParseList([line], out IList<EntityTagHeaderValue>? tags))
            {
                foreach (EntityTagHeaderValue one in tags)
                {
                    if (one.Tag == "*" || one.Tag == tag)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }
}
