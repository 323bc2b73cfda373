namespace Wisp;

/// <summary>No snapshot can be taken of an instance: it is not at rest, or holds what an image cannot keep.</summary>
/// <param name="message">What it holds, and where.</param>
public sealed class SnapshotException(string message) : Exception(message);
