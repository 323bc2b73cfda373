namespace Wisp.Bench.Engines;

/// <summary>A peer's process ended before it answered.</summary>
internal sealed class PeerEndedException(string message) : Exception(message);
