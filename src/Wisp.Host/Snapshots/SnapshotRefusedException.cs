namespace Wisp.Host.Snapshots;

/// <summary>No snapshot can be taken of a program's start-up.</summary>
/// <param name="message">What prevents it, and what to do.</param>
internal sealed class SnapshotRefusedException(string message) : Exception(message);
