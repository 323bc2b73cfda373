using System.Net;

namespace Wisp.Host.Hosting;

/// <summary>Settings of a <see cref="FunctionHost"/>, read once when it is made.</summary>
internal sealed record FunctionHostOptions
{
    /// <summary>Where to listen. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>An app that asks for no host names answers at its name under this domain.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>How long running requests may go on after a stop was asked for.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a probe may take, whatever the version's own limits say.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
