using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Wisp.Host.Invocations;

namespace Wisp.Host;

// Kestrel without the web framework around it: no configuration files, no routing, no dependency injection. What is left of
// ASP.NET Core is the HTTP server itself, which keeps both the start of the process and a request short.

/// <summary>An HTTP/1.1 endpoint that gives each request to one function.</summary>
internal sealed class KestrelListener : IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly Func<HttpContext, Task> _serve;

    /// <summary>Makes a listener; it does not listen yet.</summary>
    /// <param name="listen">Where.</param>
    /// <param name="serve">Answers a request.</param>
    /// <param name="source">Where connections come from; null for sockets.</param>
    public KestrelListener(IPEndPoint listen, Func<HttpContext, Task> serve, IConnectionSource? source = null)
    {
        _serve = serve;
        var kestrel = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = NoServices.Instance };

        // Each component has a limit of its own; see LimitBody. This one is for bodies that nobody reads: up to it they are read over, so
        // that the client, which still sends, gets to see its answer; past it the connection is closed.
        kestrel.Limits.MaxRequestBodySize = ComponentLimits.DefaultRequestBytes;

        // A client that sends its body slowly is met by the wall limit of the request, which the guest sees as well.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(listen, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        IConnectionListenerFactory transport = source
            ?? (IConnectionListenerFactory)new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(kestrel), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Says how long the body of a request may be, before it is read. Longer ones are refused while they are read.</summary>
    public static void LimitBody(HttpContext context, long bytes)
    {
        // One that says that it is longer is answered without being read.
        if (!(context.Request.ContentLength > bytes) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytes;
        }
    }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public IReadOnlyCollection<string> Addresses =>
        [.. _server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    public Task StartAsync(CancellationToken cancellationToken) =>
        _server.StartAsync(new Application(_serve), cancellationToken);

    /// <summary>Accepts nothing new and waits for what runs; past the token the connections are cut.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Application(Func<HttpContext, Task> serve) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => serve(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
