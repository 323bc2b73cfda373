using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Wisp.Host.Routing;

namespace Wisp.Host.Cgi;

// A request as environment variables.  https://www.rfc-editor.org/rfc/rfc3875#section-4.1
//
//   request line   REQUEST_METHOD  SCRIPT_NAME  PATH_INFO  QUERY_STRING  SERVER_PROTOCOL  REQUEST_URI (not in the RFC)
//   route          PATH_PARAM_ and the parameter's name in capitals (not in the RFC)
//   connection     REMOTE_ADDR  REMOTE_PORT  SERVER_NAME  SERVER_PORT  SERVER_SOFTWARE  GATEWAY_INTERFACE
//   TLS            HTTPS, as other servers have it: on (not in the RFC)
//   body           CONTENT_LENGTH  CONTENT_TYPE
//   other headers  HTTP_ and the name in capitals, "-" as "_"
//
// Three things keep a client from choosing a variable that it must not:
// 1. Only letters, digits and "-" pass in a header's name. "X_A" would become the same variable as "X-A", so it is left out.
// 2. "Proxy" is left out: HTTP_PROXY is what many programs take their proxy from (https://httpoxy.org).
// 3. What the operator granted by name wins over a header's variable; see FunctionProgram.
// Authorization is passed on, other than the RFC suggests for shared web servers: here the program itself is who checks it.

/// <summary>Makes the CGI variables of a request.</summary>
internal static class CgiEnvironment
{
    public const string Software = "wisp";

    private const string HeaderPrefix = "HTTP_";
    private const string ParameterPrefix = "PATH_PARAM_";

    /// <summary>The variables of one request, each name once.</summary>
    public static List<KeyValuePair<string, string>> Of(HttpContext context, RouteMatch match)
    {
        HttpRequest request = context.Request;
        IHttpConnectionFeature? connection = context.Features.Get<IHttpConnectionFeature>();
        var variables = new List<KeyValuePair<string, string>>(24 + request.Headers.Count);
        void Add(string name, string value) => variables.Add(new(name, WithoutNul(value)));

        Add("GATEWAY_INTERFACE", "CGI/1.1");
        Add("SERVER_SOFTWARE", Software);
        Add("SERVER_PROTOCOL", request.Protocol);
        Add("REQUEST_METHOD", request.Method);
        Add("SCRIPT_NAME", match.ScriptName);
        Add("PATH_INFO", match.PathInfo);
        Add("QUERY_STRING", request.QueryString.HasValue ? request.QueryString.Value![1..] : string.Empty);
        Add("REQUEST_URI", RawTarget(context));
        Add("SERVER_NAME", ServerName(request.Host, connection));
        Add("SERVER_PORT", Number(connection?.LocalPort ?? 0));
        Add("REMOTE_ADDR", Address(connection?.RemoteIpAddress));
        Add("REMOTE_PORT", Number(connection?.RemotePort ?? 0));
        if (request.IsHttps)
        {
            Add("HTTPS", "on");
        }

        if (request.ContentLength is long length and > 0)
        {
            Add("CONTENT_LENGTH", length.ToString(CultureInfo.InvariantCulture));
        }

        if (!string.IsNullOrEmpty(request.ContentType))
        {
            Add("CONTENT_TYPE", request.ContentType);
        }

        foreach (KeyValuePair<string, string> parameter in match.Parameters)
        {
            Add(ParameterPrefix + parameter.Key.ToUpperInvariant(), parameter.Value);
        }

        foreach (KeyValuePair<string, StringValues> header in request.Headers)
        {
            if (VariableName(header.Key) is string name)
            {
                Add(name, JoinValues(header.Key, header.Value));
            }
        }

        return variables;
    }

    /// <summary>The target of the request line as the client sent it.</summary>
    public static string RawTarget(HttpContext context) =>
        context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw ? raw : context.Request.Path.Value ?? "/";

    /// <summary>The variable of a header, or null for a header that has none.</summary>
    public static string? VariableName(string header)
    {
        bool isElsewhere = header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
            || header.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)
            || header.Equals("Proxy", StringComparison.OrdinalIgnoreCase);
        if (isElsewhere || header.Length == 0)
        {
            return null;
        }

        foreach (char c in header)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return null;
            }
        }

        return string.Create(HeaderPrefix.Length + header.Length, header, static (name, header) =>
        {
            HeaderPrefix.CopyTo(name);
            for (int i = 0; i < header.Length; i++)
            {
                name[HeaderPrefix.Length + i] = header[i] == '-' ? '_' : char.ToUpperInvariant(header[i]);
            }
        });
    }

    /// <summary>Several headers of a name are one list; cookies have their own separator (RFC 9110 5.3, RFC 9113 8.2.3).</summary>
    private static string JoinValues(string name, StringValues values) => values.Count == 1
        ? values[0] ?? string.Empty
        : string.Join(name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", values.ToArray());

    private static string ServerName(HostString host, IHttpConnectionFeature? connection) =>
        host.HasValue ? host.Host : Address(connection?.LocalIpAddress);

    /// <summary>A variable ends at a zero byte, so a value must not have one ("%00" in a path is decoded to it).</summary>
    public static string WithoutNul(string value) =>
        value.Contains('\0', StringComparison.Ordinal) ? value.Replace('\0', '?') : value;

    public static string Address(IPAddress? address) => address switch
    {
        null => string.Empty,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => address.ToString(),
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
