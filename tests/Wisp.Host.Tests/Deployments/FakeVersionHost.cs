using System.Collections.Concurrent;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;

namespace Wisp.Host.Tests.Deployments;

/// <summary>Remembers what it was told to serve.</summary>
internal sealed class FakeVersionHost : IVersionHost
{
    public ConcurrentDictionary<string, IReadOnlyList<(DeployedVersion Version, int Weight)>> Serving { get; } = new();

    public Func<DeployedVersion, CancellationToken, Task> Probe { get; set; } = (_, _) => Task.CompletedTask;

    public Action<string> Told { get; set; } = _ => { };

    public Task ProbeAsync(DeployedVersion version, CancellationToken cancellationToken) => Probe(version, cancellationToken);

    public void SetTraffic(string app, IReadOnlyList<(DeployedVersion Version, int Weight)> shares)
    {
        Told(app);
        Serving[app] = shares;
    }

    public void Remove(string app) => Serving.TryRemove(app, out _);

    /// <summary>For example <c>1=90,2=10</c>.</summary>
    public string TrafficOf(string app) => Serving.TryGetValue(app, out IReadOnlyList<(DeployedVersion Version, int Weight)>? shares)
        ? string.Join(',', shares.Select(share => $"{share.Version.Number}={share.Weight}"))
        : "none";
}
