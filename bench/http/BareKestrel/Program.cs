using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

// The answer of samples/hello without a program: Kestrel as Wisp uses it, with nothing around it. The bound that Wisp runs against.

var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = new NoServices() };
options.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture), endpoint => endpoint.Protocols = HttpProtocols.Http1);
var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
using var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
await server.StartAsync(new Hello(), CancellationToken.None);
await Task.Delay(Timeout.Infinite);

internal sealed class Hello : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context)
    {
        byte[] body = Encoding.UTF8.GetBytes($"Hello from WebAssembly!\nYou asked for {context.Request.Path.Value} with {context.Request.Method}.\n");
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }
}

internal sealed class NoServices : IServiceProvider
{
    public object? GetService(Type serviceType) => null;
}
