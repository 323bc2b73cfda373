using Wisp.Host.Deployments;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Admin;

/// <summary>What the API gives access to.</summary>
/// <param name="Deployments">The apps.</param>
/// <param name="Tokens">Who may ask.</param>
/// <param name="Audit">Who did what.</param>
internal sealed record AdminServices(IDeployments Deployments, ITokenStore Tokens, IAuditLog Audit)
{
    /// <summary>What the apps do; null when nobody keeps it.</summary>
    public HostTelemetry? Telemetry { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Takes a line about a failure of our own.</summary>
    public Action<string> Failed { get; init; } = _ => { };
}
