using Wisp.Host.Admin;

namespace Wisp.Host.Tests.Admin;

/// <summary>Tokens in memory.</summary>
internal sealed class MemoryTokens : ITokenStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, AdminToken> _tokens = new(StringComparer.Ordinal);

    /// <summary>Makes a token.</summary>
    /// <returns>Its text.</returns>
    public string Make(string name, AdminScope scope)
    {
        string text = TokenText.Create();
        Assert.True(TryAdd(new AdminToken(name, scope, TokenText.HashOf(text), DateTimeOffset.UnixEpoch), "test"));
        return text;
    }

    public IReadOnlyList<AdminToken> List()
    {
        lock (_lock)
        {
            return [.. _tokens.Values];
        }
    }

    public bool TryAdd(AdminToken token, string by)
    {
        lock (_lock)
        {
            return _tokens.TryAdd(token.Name, token);
        }
    }

    public bool Remove(string name, string by)
    {
        lock (_lock)
        {
            return _tokens.Remove(name);
        }
    }
}

/// <summary>An audit log in memory.</summary>
internal sealed class MemoryAudit : IAuditLog
{
    private readonly List<AuditEntry> _entries = [];

    public IReadOnlyList<AuditEntry> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public void Add(AuditEntry entry)
    {
        lock (_entries)
        {
            _entries.Add(entry with { Number = _entries.Count + 1 });
        }
    }

    public IReadOnlyList<AuditEntry> Latest(int limit, long? before) =>
        [.. Entries.Reverse().Where(entry => before is null || entry.Number < before).Take(limit)];
}
