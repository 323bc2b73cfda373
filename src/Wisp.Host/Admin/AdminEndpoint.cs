namespace Wisp.Host.Admin;

/// <summary>What a method on a path does.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, as a route.</param>
/// <param name="Scope">The least scope that may.</param>
/// <param name="Serve">Answers.</param>
internal sealed record AdminEndpoint(string Method, string Path, AdminScope Scope, Func<AdminRequest, Task> Serve)
{
    /// <summary>Bytes of a request's body.</summary>
    public long MaxBodyBytes { get; init; } = AdminRequest.MaxJsonBytes;
}
