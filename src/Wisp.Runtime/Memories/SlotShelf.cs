namespace Wisp.Memories;

/// <summary>Idle slots of one size and heap image.</summary>
internal sealed class SlotShelf(SlotSize size, HeapImage? image, SlotShelf? plain, int number)
{
    public SlotSize Size => size;

    public HeapImage? Image => image;

    /// <summary>Slots of that size without an image, which can get one; null when these are they.</summary>
    public SlotShelf? Plain => plain;

    /// <summary>Tells shelves apart, mostly.</summary>
    public int Number => number;

    public IdleList<MemorySlot> Idle { get; } = new();
}
