using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Wisp.Permissions;

/// <summary>Collects a <see cref="Grant"/>, from code or from the flags of a command line. Not thread safe.</summary>
public sealed class GrantBuilder
{
    private readonly ImmutableArray<DirectoryGrant>.Builder _directories;
    private readonly ImmutableArray<EnvironmentGrant>.Builder _environment;
    private readonly ImmutableArray<NetworkRule>.Builder _network;

    /// <summary>Starts from nothing.</summary>
    public GrantBuilder()
        : this(Grant.None)
    {
    }

    internal GrantBuilder(Grant start)
    {
        _directories = start.Directories.ToBuilder();
        _environment = start.Environment.ToBuilder();
        _network = start.Network.ToBuilder();
        Clock = start.Clock;
        Random = start.Random;
        Streams = start.Streams;
        Limits = start.Limits;
    }

    /// <summary>The time that the program sees.</summary>
    public ClockGrant Clock { get; set; }

    /// <summary>The random numbers that it gets.</summary>
    public RandomGrant Random { get; set; }

    /// <summary>Its standard streams.</summary>
    public StandardStreams Streams { get; set; }

    /// <summary>What it may use of the machine.</summary>
    public ResourceLimits Limits { get; set; }

    /// <summary>Adds a directory.</summary>
    /// <param name="hostPath">Path on the host.</param>
    /// <param name="guestPath">Path that the program sees.</param>
    /// <param name="access">Read-only by default.</param>
    public GrantBuilder AddDirectory(string hostPath, string guestPath,
        DirectoryAccess access = DirectoryAccess.ReadOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(hostPath);
        ArgumentException.ThrowIfNullOrEmpty(guestPath);
        _directories.Add(new DirectoryGrant(hostPath, guestPath, access));
        return this;
    }

    /// <summary>Adds an environment variable. A later one of the same name replaces an earlier one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value, or null to pass on the host's.</param>
    public GrantBuilder AddEnvironment(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        EnvironmentGrant grant = new(name, value);
        for (int i = 0; i < _environment.Count; i++)
        {
            if (_environment[i].Name == name)
            {
                _environment[i] = grant;
                return this;
            }
        }

        _environment.Add(grant);
        return this;
    }

    /// <summary>Adds a network rule.</summary>
    /// <param name="rule">The rule.</param>
    public GrantBuilder AddNetwork(NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _network.Add(rule);
        return this;
    }

    /// <summary>Adds what one flag of the command line gives.</summary>
    /// <param name="flag">The flag without dashes: dir, env, net, limit, clock, random or stdio.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="error">What is wrong, in one line, when the result is false. Nothing was added then.</param>
    public bool TryAddFlag(string flag, string argument, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(flag);
        ArgumentNullException.ThrowIfNull(argument);
        switch (flag)
        {
            case "dir":
                return DirectoryGrant.TryParse(argument, out DirectoryGrant? directory, out error)
                    && Added(_directories, directory);
            case "env":
                if (!EnvironmentGrant.TryParse(argument, out EnvironmentGrant? variable, out error))
                {
                    return false;
                }

                AddEnvironment(variable.Name, variable.Value);
                return true;
            case "net":
                return NetworkRule.TryParse(argument, out NetworkRule? rule, out error) && Added(_network, rule);
            case "limit":
                bool limited = Limits.TryParse(argument, out ResourceLimits? limits, out error);
                Limits = limits ?? Limits;
                return limited;
            case "clock":
                bool timed = ClockGrant.TryParse(argument, out ClockGrant? clock, out error);
                Clock = clock ?? Clock;
                return timed;
            case "random":
                bool drawn = RandomGrant.TryParse(argument, out RandomGrant? random, out error);
                Random = random ?? Random;
                return drawn;
            case "stdio":
                bool streamed = TryParseStreams(argument, out StandardStreams streams, out error);
                Streams = streamed ? streams : Streams;
                return streamed;
            default:
                error = $"--{GuestText.Escape(flag)}: expected one of dir, env, net, limit, clock, random, stdio";
                return false;
        }
    }

    /// <summary>The grant as collected so far.</summary>
    public Grant Build() => new()
    {
        Directories = _directories.ToImmutable(),
        Environment = _environment.ToImmutable(),
        Network = _network.ToImmutable(),
        Clock = Clock,
        Random = Random,
        Streams = Streams,
        Limits = Limits,
    };

    private static bool Added<T>(ImmutableArray<T>.Builder list, T item)
    {
        list.Add(item);
        return true;
    }

    private static bool TryParseStreams(string text, out StandardStreams streams,
        [NotNullWhen(false)] out string? error)
    {
        streams = StandardStreams.None;
        error = null;
        foreach (string part in text.Split(','))
        {
            switch (part)
            {
                case "none":
                    break;
                case "in":
                    streams |= StandardStreams.Input;
                    break;
                case "out":
                    streams |= StandardStreams.Output;
                    break;
                case "err":
                    streams |= StandardStreams.Error;
                    break;
                default:
                    error = $"--stdio {GuestText.Quote(text)}: expected in, out, err separated by commas, or none";
                    return false;
            }
        }

        return true;
    }
}
