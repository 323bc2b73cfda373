namespace Wisp.Host.Admin;

/// <summary>The tokens of a server. Thread safe.</summary>
internal interface ITokenStore
{
    /// <summary>All of them, by name.</summary>
    IReadOnlyList<AdminToken> List();

    /// <summary>Adds a token, which is on the disk afterwards.</summary>
    /// <param name="token">The token.</param>
    /// <param name="by">Who asks, for the audit log.</param>
    /// <returns>False when there is one of this name.</returns>
    bool TryAdd(AdminToken token, string by);

    /// <summary>Takes a token away.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Who asks, for the audit log.</param>
    /// <returns>False when there is none of this name.</returns>
    bool Remove(string name, string by);
}
