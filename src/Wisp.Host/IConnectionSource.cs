using Microsoft.AspNetCore.Connections;

namespace Wisp.Host;

/// <summary>Where a server's connections come from, when not from sockets.</summary>
internal interface IConnectionSource : IConnectionListenerFactory;
