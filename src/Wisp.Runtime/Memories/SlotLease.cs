namespace Wisp.Memories;

/// <summary>A store's use of a slot that holds a memory alone, given back to the pool at the end.</summary>
internal sealed class SlotLease(SlotPool pool, MemorySlot slot, SlotShelf? shelf) : IDisposable
{
    public void Dispose() => pool.Return(slot, shelf, new SlotUse(WasRun: true, []));
}
