using System.Net;

namespace Wisp.Host.Admin;

/// <summary>Settings of the API.</summary>
internal sealed record AdminServerOptions
{
    /// <summary>Where to listen. Default: 127.0.0.1:8081.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8081);

    /// <summary>The certificate, or null: tokens travel as clear text then.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>How long a deploy may take, its upload among it. Default: an hour.</summary>
    public TimeSpan MaxDeployTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes of a bundle. Default: 256 MiB (268,435,456).</summary>
    public long MaxBundleBytes { get; init; } = 256L << 20;

    /// <summary>Deploys at once; more are 503. Default: 16.</summary>
    public int MaxDeploys { get; init; } = 16;

    /// <summary>Answers that follow something at once; more are 503. Default: 64.</summary>
    public int MaxFollowers { get; init; } = 64;
}
