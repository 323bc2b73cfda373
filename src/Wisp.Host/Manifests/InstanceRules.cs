namespace Wisp.Host.Manifests;

/// <summary>How the instances of a component live.</summary>
internal sealed record InstanceRules
{
    public static readonly TimeSpan DefaultIdle = TimeSpan.FromMinutes(5);

    /// <summary>How long the code stays loaded without an invocation, where it is loaded when it is needed.</summary>
    public TimeSpan Idle { get; init; } = DefaultIdle;
}
