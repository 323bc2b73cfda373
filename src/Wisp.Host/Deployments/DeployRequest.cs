namespace Wisp.Host.Deployments;

/// <summary>A version that somebody sends.</summary>
/// <param name="App">The app it is for; must be the name in its manifest.</param>
/// <param name="Bundle">The bundle, read once from its start to its end.</param>
/// <param name="Digest">SHA-256 that the bundle must have, 32 bytes.</param>
/// <param name="By">Name of the token that sent it, for the audit log.</param>
internal sealed record DeployRequest(string App, Stream Bundle, ReadOnlyMemory<byte> Digest, string By)
{
    /// <summary>Percent of the requests that it gets at first, or null for all of them.</summary>
    public int? Canary { get; init; }

    /// <summary>Whether what it asks for beyond what was accepted before is accepted with it.</summary>
    public bool AcceptsPermissions { get; init; }
}
