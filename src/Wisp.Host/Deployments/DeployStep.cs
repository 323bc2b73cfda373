namespace Wisp.Host.Deployments;

/// <summary>Where a deploy is, for who watches it.</summary>
/// <param name="Name">upload, verify, validate, compile, snapshot, probe or switch, in this order.</param>
/// <param name="Component">The component that it is about, or null.</param>
/// <param name="Done">How much is done: bytes of an upload, else components.</param>
/// <param name="Total">Of how much, or null when nobody knows.</param>
internal readonly record struct DeployStep(string Name, string? Component, long Done, long? Total);
