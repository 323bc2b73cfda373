namespace Wisp.Host.Deployments;

/// <summary>What the registry has of an app in memory. Changes hold <see cref="Gate"/>.</summary>
internal sealed class AppEntry
{
    /// <summary>Changes of an app come one after the other.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>What the host runs of it; replaced as a whole.</summary>
    public IReadOnlyList<(DeployedVersion Version, int Weight)> Shares { get; set; } = [];

    /// <summary>Why it is not served, or null.</summary>
    public string? Problem { get; set; }
}
