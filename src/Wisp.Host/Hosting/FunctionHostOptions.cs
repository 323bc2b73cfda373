using System.Net;

namespace Wisp.Host.Hosting;

/// <summary>Settings of a <see cref="FunctionHost"/>, read once when it is made.</summary>
internal sealed record FunctionHostOptions
{
    /// <summary>Where to listen. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>What a client may take before and after its request reaches a function.</summary>
    public ClientLimits Clients { get; init; } = new();

    /// <summary>Certificate and key for TLS, read again when the files change; null for no TLS.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>An app that asks for no host names answers at its name under this domain.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>How long running requests may go on after a stop was asked for.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a probe may take, whatever the version's own limits say.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
