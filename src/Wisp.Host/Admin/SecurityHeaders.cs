using Microsoft.AspNetCore.Http;

namespace Wisp.Host.Admin;

/// <summary>What every answer of the API tells a browser: run nothing, show it nowhere, keep nothing.</summary>
/// <remarks>There is no CORS header: pages of other origins get nothing.</remarks>
internal static class SecurityHeaders
{
    public static void AddTo(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
