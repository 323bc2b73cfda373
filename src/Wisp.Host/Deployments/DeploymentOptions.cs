using Wisp.Host.Bundles;

namespace Wisp.Host.Deployments;

/// <summary>Settings of <see cref="DeploymentRegistry"/>, read once when it is made.</summary>
internal sealed record DeploymentOptions
{
    /// <summary>Versions of an app that are kept besides those with traffic.</summary>
    public int KeepVersions { get; init; } = 10;

    /// <summary>Deploys of different apps that are made ready at once.</summary>
    public int ConcurrentDeploys { get; init; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>What is taken from a client.</summary>
    public BundleLimits Bundle { get; init; } = new();

    /// <summary>Told the name of each point that a change reaches; null for nobody. Tests make it fail there.</summary>
    public Action<string>? OnPoint { get; init; }
}
