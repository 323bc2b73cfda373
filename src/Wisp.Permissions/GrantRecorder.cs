using System.Collections.Immutable;

namespace Wisp.Permissions;

/// <summary>Remembers what a run needed, for the mode that learns. Thread safe.</summary>
internal sealed class GrantRecorder
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DirectoryGrant, bool> _written = [];
    private readonly HashSet<EnvironmentGrant> _environment = [];
    private readonly SortedSet<string> _network = new(StringComparer.Ordinal);

    public void UseDirectory(DirectoryGrant directory, bool write)
    {
        lock (_lock)
        {
            _written[directory] = write || _written.GetValueOrDefault(directory);
        }
    }

    public void UseEnvironment(EnvironmentGrant variable)
    {
        lock (_lock)
        {
            _environment.Add(variable);
        }
    }

    public void UseNetwork(string rule)
    {
        lock (_lock)
        {
            _network.Add(rule);
        }
    }

    /// <summary>The part of the grant that was used, directories that were only read as read-only, in the grant's
    /// order.</summary>
    public Grant Build(Grant grant)
    {
        lock (_lock)
        {
            ImmutableArray<NetworkRule>.Builder network = ImmutableArray.CreateBuilder<NetworkRule>();
            network.AddRange(grant.Network.Where(rule => rule.Denies));
            foreach (string text in _network)
            {
                // What does not read as a rule (a guest's malformed name) cannot have been a connection either.
                if (NetworkRule.TryParse(text, out NetworkRule? rule, out _))
                {
                    network.Add(rule);
                }
            }

            return grant with
            {
                Directories = [.. grant.Directories.Where(_written.ContainsKey).Select(directory => directory with
                {
                    Access = _written[directory] ? DirectoryAccess.ReadWrite : DirectoryAccess.ReadOnly,
                })],
                Environment = [.. grant.Environment.Where(_environment.Contains)],
                Network = network.ToImmutable(),
            };
        }
    }
}
