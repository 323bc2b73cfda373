namespace Wisp.Memories;

/// <summary>A store's use of a slot, given back to the pool at the end.</summary>
internal sealed class SlotLease(SlotPool pool, MemorySlot slot) : IDisposable
{
    public void Dispose() => pool.Return(slot);
}
