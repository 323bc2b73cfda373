using Wisp.Linking;

namespace Wisp.Memories;

/// <summary>What may have been written in a slot's memory.</summary>
/// <param name="WasRun">Whether a guest ran or the host looked in, so that any byte may have been.</param>
/// <param name="Copied">Otherwise, where instantiation wrote.</param>
internal readonly record struct SlotUse(bool WasRun, InstanceTemplate.DataCopy[] Copied);
