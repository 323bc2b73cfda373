using Wisp.Host.Deployments;

namespace Wisp.Host.Hosting;

/// <summary>What runs the versions of apps. Thread safe.</summary>
internal interface IVersionHost
{
    /// <summary>Tries a version before anybody is sent to it: loads it and asks its health.</summary>
    /// <exception cref="DeployException">It does not work; the message says why.</exception>
    Task ProbeAsync(DeployedVersion version, CancellationToken cancellationToken);

    /// <summary>Says which versions of an app answer from now on. Requests that run end where they began.</summary>
    /// <remarks>Versions that were there before and have not changed keep what is warm. Nothing is loaded yet: a version wakes with its first
    /// request.</remarks>
    void SetTraffic(string app, IReadOnlyList<(DeployedVersion Version, int Weight)> shares);

    /// <summary>Takes an app away; requests that run end.</summary>
    void Remove(string app);
}
