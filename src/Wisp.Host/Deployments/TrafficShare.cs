namespace Wisp.Host.Deployments;

/// <summary>How much of an app's requests a version gets.</summary>
/// <param name="Version">Number of the version.</param>
/// <param name="Weight">Percent; those of an app add up to 100.</param>
internal readonly record struct TrafficShare(int Version, int Weight);
