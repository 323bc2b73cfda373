using Microsoft.AspNetCore.Http;
using Wisp.Host.Routing;

namespace Wisp.Host.Cgi;

// What WAGI tells a program besides the variables of RFC 3875.
//   https://github.com/deislabs/wagi/blob/main/docs/environment_variables.md
//
//   X_MATCHED_ROUTE   /files/...                                the route as its manifest has it
//   X_FULL_URL        http://example.com/files/a?b=c            as the client asked for it
//   PATH_TRANSLATED   /a                                        the same as PATH_INFO: there are no files behind it
//   REMOTE_HOST       127.0.0.1                                 the address: names are not looked up
//   AUTH_TYPE, REMOTE_USER                                      empty: who a client is, the server does not check

/// <summary>The variables that programs of a <c>modules.toml</c> may rely on.</summary>
internal static class WagiVariables
{
    public static void AddTo(List<KeyValuePair<string, string>> variables, HttpContext context, string? route, RouteMatch match)
    {
        HttpRequest request = context.Request;
        string target = CgiEnvironment.RawTarget(context);
        bool isWhole = !target.StartsWith('/');   // http://… in the request line itself
        variables.Add(new("X_MATCHED_ROUTE", route ?? string.Empty));
        variables.Add(new("X_FULL_URL", CgiEnvironment.WithoutNul(isWhole ? target : $"{request.Scheme}://{request.Host.Value}{target}")));
        variables.Add(new("PATH_TRANSLATED", CgiEnvironment.WithoutNul(match.PathInfo)));
        variables.Add(new("REMOTE_HOST", CgiEnvironment.Address(context.Connection.RemoteIpAddress)));
        variables.Add(new("AUTH_TYPE", string.Empty));
        variables.Add(new("REMOTE_USER", string.Empty));
    }
}
