namespace Wisp.Host.Manifests;

/// <summary>How the instances of a component live.</summary>
internal sealed record InstanceRules
{
    public static readonly TimeSpan DefaultIdle = TimeSpan.FromMinutes(5);

    /// <summary>Requests that one instance serves, one after the other.</summary>
    public int Reuse { get; init; } = 1;

    /// <summary>Instances that are kept ready.</summary>
    public int Warm { get; init; }

    /// <summary>How long the code stays loaded without an invocation, where it is loaded when it is needed.</summary>
    public TimeSpan Idle { get; init; } = DefaultIdle;
}
