using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Wisp.Host.Requests;

namespace Wisp.Host.Tls;

// Kestrel's own TLS asks a container of services for what it is made of, which a listener here has not. What it needs to know is little:
// that a connection has TLS (for the scheme), and the protocol that ALPN chose.

/// <summary>TLS on the connections of a listener: HTTP/2 where the client offers it, else HTTP/1.1.</summary>
/// <param name="certificate">The certificate.</param>
/// <param name="clients">How long a handshake may take: as long as a head.</param>
internal sealed class TlsConnections(TlsCertificate certificate, ClientLimits clients)
{
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <summary>Serves a connection inside TLS. One whose handshake fails or takes too long is closed.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        IDuplexPipe transport = connection.Transport;
        var stream = new SslStream(new DuplexStream(transport), leaveInnerStreamOpen: true);
        await using (stream.ConfigureAwait(false))
        {
            if (!await TryAuthenticateAsync(stream, connection).ConfigureAwait(false))
            {
                return;
            }

            var feature = new TlsFeature(stream.NegotiatedApplicationProtocol.Protocol);
            connection.Features.Set<ITlsConnectionFeature>(feature);
            connection.Features.Set<ITlsApplicationProtocolFeature>(feature);
            var pipe = new StreamPipe(stream);
            connection.Transport = pipe;
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                await pipe.Input.CompleteAsync().ConfigureAwait(false);
                await pipe.Output.CompleteAsync().ConfigureAwait(false);
                connection.Transport = transport;   // which is the listener's to close
            }
        }
    }

    private async Task<bool> TryAuthenticateAsync(SslStream stream, ConnectionContext connection)
    {
        using CancellationTokenSource end = ConnectionEnd.Of(connection);
        end.CancelAfter(clients.HeadTime);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate.Current,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = Protocols,
                },
                end.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException
            or InvalidOperationException)
        {
            return false;   // whoever it was speaks no TLS, or not ours
        }
    }

    private sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    private sealed class TlsFeature(ReadOnlyMemory<byte> protocol) : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol => protocol;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
