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
using Wisp.Host.Tls;

namespace Wisp.Host;

// Kestrel without the web framework around it: no configuration files, no routing, no dependency injection. What is left of
// ASP.NET Core is the HTTP server itself, which keeps both the start of the process and a request short.

/// <summary>An endpoint for HTTP/1.1, and HTTP/2 inside TLS, that gives each request to one function.</summary>
internal sealed class KestrelListener : IAsyncDisposable
{
    // Lines end with CR LF and nothing else. A bare LF may be taken for an end (RFC 9112 2.2), but is none to every proxy. For all
    // servers of the process: there is no such option of one.
    private const string RefuseLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    private readonly KestrelServer _server;
    private readonly bool _hasTls;
    private readonly Func<HttpContext, Task> _serve;

    static KestrelListener() => AppContext.SetSwitch(RefuseLineFeeds, true);

    /// <summary>Makes a listener; it does not listen yet.</summary>
    /// <param name="listen">Where.</param>
    /// <param name="serve">Answers a request.</param>
    /// <param name="source">Where connections come from; null for sockets.</param>
    /// <param name="clients">What a client may take; null for the defaults.</param>
    /// <param name="certificate">What it has for TLS; null for none.</param>
    public KestrelListener(
        IPEndPoint listen, Func<HttpContext, Task> serve, IConnectionSource? source = null, ClientLimits? clients = null,
        TlsCertificate? certificate = null)
    {
        _hasTls = certificate is not null;
        _serve = serve;
        var kestrel = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = NoServices.Instance };
        clients ??= new ClientLimits();
        clients.ApplyTo(kestrel);
        kestrel.Listen(listen, endpoint =>
        {
            // Without TLS there is no word about the protocol before the first byte, and Kestrel then speaks one of them only.
            endpoint.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (certificate is not null)
            {
                var tls = new TlsConnections(certificate, clients);
                ((IConnectionBuilder)endpoint).Use(next => connection => tls.ServeAsync(connection, next));
            }
        });
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
        [.. (_server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Select(WithScheme)];

    // Kestrel knows of no TLS here.
    private string WithScheme(string address) => _hasTls ? address.Replace("http://", "https://", StringComparison.Ordinal) : address;

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
