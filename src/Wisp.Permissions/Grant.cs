using System.Collections.Immutable;

namespace Wisp.Permissions;

/// <summary>All that a program was given. Immutable, so it is safe to share between threads and instances.</summary>
/// <remarks>Nothing is granted by default but its own clock, random numbers and standard streams, which tell it nothing
/// about the machine's files, network or environment; those too can be fixed or taken away.</remarks>
public sealed record Grant
{
    /// <summary>Nothing but the defaults.</summary>
    public static Grant None { get; } = new();

    /// <summary>Directories, in the order in which the program finds them.</summary>
    public ImmutableArray<DirectoryGrant> Directories { get; init; } = [];

    /// <summary>Environment variables, in order.</summary>
    public ImmutableArray<EnvironmentGrant> Environment { get; init; } = [];

    /// <summary>Network rules. Without an allowing rule there is no network.</summary>
    public ImmutableArray<NetworkRule> Network { get; init; } = [];

    /// <summary>The time that the program sees.</summary>
    public ClockGrant Clock { get; init; } = ClockGrant.Real;

    /// <summary>The random numbers that it gets.</summary>
    public RandomGrant Random { get; init; } = RandomGrant.Real;

    /// <summary>Its standard streams.</summary>
    public StandardStreams Streams { get; init; } = StandardStreams.All;

    /// <summary>What it may use of the machine.</summary>
    public ResourceLimits Limits { get; init; } = ResourceLimits.Default;

    /// <summary>A builder that starts from this grant.</summary>
    public GrantBuilder ToBuilder() => new(this);

    /// <summary>The flags that give this grant on the command line, limits left out.</summary>
    public IEnumerable<string> ToFlags()
    {
        foreach (DirectoryGrant directory in Directories)
        {
            yield return "--dir " + directory.Flag;
        }

        foreach (EnvironmentGrant variable in Environment)
        {
            yield return "--env " + variable.Flag;
        }

        foreach (NetworkRule rule in Network)
        {
            yield return "--net " + rule.Flag;
        }

        if (Clock.FixedAt is not null)
        {
            yield return "--clock " + Clock.Flag;
        }

        if (Random.Seed is not null)
        {
            yield return "--random " + Random.Flag;
        }
    }

    /// <summary>The lines that give this grant in a table <c>[component.NAME]</c> of <c>wisp.toml</c>, limits left out.</summary>
    public string ToToml() => TomlText.List("fs", Directories.Select(TomlText.Directory))
        + TomlText.List("env", Environment.Select(variable => TomlText.Text(variable.Flag)))
        + TomlText.List("net", Network.Select(rule => TomlText.Text(rule.Flag)))
        + (Clock.FixedAt is null ? "" : $"permissions.clock = {TomlText.Text(Clock.Flag)}\n")
        + (Random.Seed is null ? "" : $"permissions.random = {TomlText.Text(Random.Flag)}\n");
}
