namespace Wisp.Compiler.Allocation;

/// <summary>Bundles waiting for a register: the longest first, and of equals the oldest.</summary>
internal sealed class BundleQueue
{
    // A heap of keys: length in the upper half, the bundle's complement in the lower.
    private readonly GrowableArray<ulong> _heap = new();

    public void Clear() => _heap.Clear();

    public void Add(int bundle, int length)
    {
        int at = _heap.Add(((ulong)(uint)length << 32) | ~(uint)bundle);
        Span<ulong> heap = _heap.Span;
        while (at > 0 && heap[(at - 1) / 2] < heap[at])
        {
            (heap[at], heap[(at - 1) / 2]) = (heap[(at - 1) / 2], heap[at]);
            at = (at - 1) / 2;
        }
    }

    public bool TryTake(out int bundle)
    {
        Span<ulong> heap = _heap.Span;
        if (heap.IsEmpty)
        {
            bundle = 0;
            return false;
        }

        bundle = (int)~(uint)heap[0];
        heap[0] = heap[^1];
        _heap.Resize(_heap.Count - 1);
        SiftDown(heap[..^1]);
        return true;
    }

    private static void SiftDown(Span<ulong> heap)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= heap.Length)
            {
                return;
            }

            child += child + 1 < heap.Length && heap[child + 1] > heap[child] ? 1 : 0;
            if (heap[at] >= heap[child])
            {
                return;
            }

            (heap[at], heap[child]) = (heap[child], heap[at]);
            at = child;
        }
    }
}
