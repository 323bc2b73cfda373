namespace Wisp.Host.Deployments;

/// <summary>An app on a server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Latest">Number of its newest version.</param>
/// <param name="Created">When its first version came.</param>
/// <param name="Traffic">Which versions answer.</param>
/// <param name="Hosts">Host names that it asked for; without one it answers at its name under the server's domain.</param>
internal sealed record AppStatus(
    string Name, int Latest, DateTimeOffset Created, IReadOnlyList<TrafficShare> Traffic, IReadOnlyList<string> Hosts)
{
    /// <summary>Why it is not served, as when a file of it is damaged; null when it is.</summary>
    public string? Problem { get; init; }
}

/// <summary>A version on a server.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Label">The manifest's <c>version</c>, or null.</param>
/// <param name="Digest">SHA-256 of its bundle, in hex.</param>
/// <param name="Created">When it was deployed.</param>
/// <param name="By">Name of the token that deployed it.</param>
internal sealed record VersionStatus(int Number, string? Label, string Digest, DateTimeOffset Created, string By);

/// <summary>A secret's name, without its value.</summary>
/// <param name="Name">The variable whose value it is.</param>
/// <param name="Changed">When it was set.</param>
internal sealed record SecretStatus(string Name, DateTimeOffset Changed);
