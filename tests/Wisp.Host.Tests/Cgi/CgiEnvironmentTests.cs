using System.Net;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Cgi;
using Wisp.Host.Routing;

namespace Wisp.Host.Tests.Cgi;

public sealed class CgiEnvironmentTests
{
    [Fact]
    public void DescribesTheRequest()
    {
        HttpContext context = Request();

        Dictionary<string, string> variables = new(CgiEnvironment.Of(context, RouteMatch.Whole(context.Request.Path.Value ?? string.Empty)));

        Assert.Equal("CGI/1.1", variables["GATEWAY_INTERFACE"]);
        Assert.Equal("POST", variables["REQUEST_METHOD"]);
        Assert.Equal("/a path", variables["PATH_INFO"]);
        Assert.Equal(string.Empty, variables["SCRIPT_NAME"]);
        Assert.Equal("x=1&y=%20", variables["QUERY_STRING"]);
        Assert.Equal("HTTP/1.1", variables["SERVER_PROTOCOL"]);
        Assert.Equal("example.org", variables["SERVER_NAME"]);
        Assert.Equal("8080", variables["SERVER_PORT"]);
        Assert.Equal("192.0.2.7", variables["REMOTE_ADDR"]);
        Assert.Equal("12", variables["CONTENT_LENGTH"]);
        Assert.Equal("text/plain", variables["CONTENT_TYPE"]);
        Assert.Equal("curl", variables["HTTP_USER_AGENT"]);
        Assert.False(variables.ContainsKey("HTTP_CONTENT_TYPE"));
        Assert.False(variables.ContainsKey("HTTP_CONTENT_LENGTH"));
    }

    [Fact]
    public void RepeatedHeadersBecomeOneList()
    {
        HttpContext context = Request();
        context.Request.Headers["Accept"] = new(["a", "b"]);
        context.Request.Headers["Cookie"] = new(["c=1", "d=2"]);

        Dictionary<string, string> variables = new(CgiEnvironment.Of(context, RouteMatch.Whole(context.Request.Path.Value ?? string.Empty)));

        Assert.Equal("a, b", variables["HTTP_ACCEPT"]);
        Assert.Equal("c=1; d=2", variables["HTTP_COOKIE"]);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "HTTP_X_FORWARDED_FOR")]
    [InlineData("Authorization", "HTTP_AUTHORIZATION")]
    [InlineData("Proxy", null)]            // httpoxy
    [InlineData("proxy", null)]
    [InlineData("X_Forwarded_For", null)]  // would be the same variable as X-Forwarded-For
    [InlineData("X.A", null)]
    [InlineData("X=Y", null)]
    public void HeaderNamesBecomeVariables(string header, string? variable) =>
        Assert.Equal(variable, CgiEnvironment.VariableName(header));

    [Fact]
    public void NoValueHoldsAZeroByte()
    {
        HttpContext context = Request();
        context.Request.Path = "/a\0b";

        Assert.DoesNotContain(CgiEnvironment.Of(context, RouteMatch.Whole(context.Request.Path.Value ?? string.Empty)), variable => variable.Value.Contains('\0', StringComparison.Ordinal));
    }

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Path = "/a path";
        context.Request.QueryString = new QueryString("?x=1&y=%20");
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Host = new HostString("example.org", 8080);
        context.Request.ContentLength = 12;
        context.Request.ContentType = "text/plain";
        context.Request.Headers.UserAgent = "curl";
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        context.Connection.LocalPort = 8080;
        return context;
    }
}
