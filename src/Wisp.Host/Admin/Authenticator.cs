using System.Net;
using System.Security.Cryptography;

namespace Wisp.Host.Admin;

/// <summary>Tells whose request it is. Thread safe.</summary>
internal sealed class Authenticator(ITokenStore tokens, IAuditLog audit, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    // A header that is longer is no token of ours; it is not worth hashing.
    private const int MaxTokenLength = 256;

    private readonly FailureLimiter _failures = new(clock);
    private readonly Lock _lock = new();   // or many attempts at once would all see the same count of failures

    /// <summary>Finds the token of a request.</summary>
    /// <param name="authorization">Its header <c>Authorization</c>; null or empty when there is none.</param>
    /// <param name="address">Where it comes from.</param>
    /// <exception cref="AdminFault">It has none, a wrong one, or its address failed too often.</exception>
    public AdminToken Authenticate(string? authorization, IPAddress? address)
    {
        if (string.IsNullOrEmpty(authorization))
        {
            throw new AdminFault(401, "token-missing", "a token is needed: Authorization: Bearer wisp_…");
        }

        bool isWorthALine;
        lock (_lock)
        {
            if (_failures.WaitOf(address) is TimeSpan wait)
            {
                throw new AdminFault(429, "too-many-failures", "too many wrong tokens; try again later")
                {
                    RetryAfter = (int)Math.Ceiling(wait.TotalSeconds),
                };
            }

            if (Find(authorization) is AdminToken token)
            {
                _failures.Succeeded(address);
                return token;
            }

            isWorthALine = _failures.Failed(address);
        }

        // Outside the lock, and not each of them: whoever has no token must not be able to fill the disk.
        if (isWorthALine)
        {
            audit.Add(new AuditEntry(0, clock.GetUtcNow(), "-", "token.refused", null, address?.ToString()));
        }

        throw new AdminFault(401, "token-wrong", "there is no such token");
    }

    /// <summary>Compares with every token, all of it each time: how long it takes says nothing about how near a guess was.</summary>
    private AdminToken? Find(string authorization)
    {
        string text = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim() : string.Empty;
        if (text.Length is 0 or > MaxTokenLength)
        {
            return null;
        }

        byte[] hash = TokenText.HashOf(text);
        AdminToken? found = null;
        foreach (AdminToken token in tokens.List())
        {
            if (CryptographicOperations.FixedTimeEquals(token.Hash.Span, hash))
            {
                found = token;
            }
        }

        return found;
    }
}
