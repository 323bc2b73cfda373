using System.Collections.Concurrent;

namespace Wisp.Host.Hosting;

/// <summary>Finds what answers for a host name. Lookups take no lock and make no objects; changes come from one thread at a time.</summary>
/// <remarks>A name by itself goes before a wildcard, and of wildcards the longest. <c>*.example.com</c> takes every name that ends in
/// <c>.example.com</c>, of however many labels, but not <c>example.com</c>.</remarks>
internal sealed class HostTable<T>
    where T : class
{
    private readonly ConcurrentDictionary<string, T> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, T> _suffixes = new(StringComparer.OrdinalIgnoreCase);   // with the dot in front
    private readonly ConcurrentDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _nameLookup;
    private readonly ConcurrentDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _suffixLookup;

    public HostTable()
    {
        _nameLookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        _suffixLookup = _suffixes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Finds what answers for a name.</summary>
    /// <param name="host">The name, without a port.</param>
    public T? Find(ReadOnlySpan<char> host)
    {
        if (_nameLookup.TryGetValue(host, out T? found))
        {
            return found;
        }

        if (_suffixes.IsEmpty)
        {
            return null;
        }

        for (int dot = host.IndexOf('.'); dot >= 0; dot = NextDot(host, dot))
        {
            if (_suffixLookup.TryGetValue(host[dot..], out found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>What has a pattern now, or null.</summary>
    public T? OwnerOf(string pattern) => Map(pattern, out string key).GetValueOrDefault(key);

    public void Set(string pattern, T target) => Map(pattern, out string key)[key] = target;

    public void Remove(string pattern) => Map(pattern, out string key).TryRemove(key, out _);

    private static int NextDot(ReadOnlySpan<char> host, int dot)
    {
        int next = host[(dot + 1)..].IndexOf('.');
        return next < 0 ? next : dot + 1 + next;
    }

    private ConcurrentDictionary<string, T> Map(string pattern, out string key)
    {
        bool isWildcard = pattern.StartsWith(HostName.Wildcard, StringComparison.Ordinal);
        key = isWildcard ? pattern[1..] : pattern;
        return isWildcard ? _suffixes : _names;
    }
}
