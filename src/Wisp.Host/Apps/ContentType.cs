namespace Wisp.Host.Apps;

/// <summary>The type of a file that is an answer, by its name.</summary>
internal static class ContentType
{
    public static string OfFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".html" or ".htm" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".txt" => "text/plain; charset=utf-8",
        ".xml" => "text/xml; charset=utf-8",
        ".json" => "application/json",
        ".wasm" => "application/wasm",
        ".pdf" => "application/pdf",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        _ => "application/octet-stream",
    };
}
