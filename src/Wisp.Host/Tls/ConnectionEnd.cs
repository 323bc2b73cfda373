using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Wisp.Host.Tls;

/// <summary>When not to wait for a connection's bytes any more, before there is a request on it.</summary>
internal static class ConnectionEnd
{
    /// <summary>Is cancelled when the connection is closed, or the listener wants it to be.</summary>
    public static CancellationTokenSource Of(ConnectionContext connection) => CancellationTokenSource.CreateLinkedTokenSource(
        connection.ConnectionClosed,
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None);
}
