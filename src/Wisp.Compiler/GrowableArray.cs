using System.Runtime.CompilerServices;

namespace Wisp.Compiler;

/// <summary>An array that grows and is emptied without giving its storage back: one compiler worker reuses it for every function.</summary>
/// <typeparam name="T">Element, a struct without references.</typeparam>
internal sealed class GrowableArray<T>
    where T : struct
{
    private T[] _items = new T[64];

    public int Count { get; private set; }

    public Span<T> Span => _items.AsSpan(0, Count);

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // A stale index past Count but inside the storage would read another function's data.
            if ((uint)index >= (uint)Count)
            {
                ThrowOutOfRange(index, Count);
            }

            return ref _items[index];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Add(T item)
    {
        int index = Count;
        if ((uint)index >= (uint)_items.Length)
        {
            Grow(index + 1);
        }

        _items[index] = item;
        Count = index + 1;
        return index;
    }

    /// <summary>Appends a run.</summary>
    /// <returns>The index of its first element.</returns>
    public int AddRange(ReadOnlySpan<T> items)
    {
        int start = Count;
        if (start + items.Length > _items.Length)
        {
            Grow(start + items.Length);
        }

        items.CopyTo(_items.AsSpan(start));
        Count = start + items.Length;
        return start;
    }

    /// <summary>Sets the length; new elements are zero.</summary>
    public void Resize(int count)
    {
        if (count > _items.Length)
        {
            Grow(count);
        }

        if (count > Count)
        {
            Array.Clear(_items, Count, count - Count);
        }

        Count = count;
    }

    public void Clear() => Count = 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int needed) => Array.Resize(ref _items, Math.Max(needed, checked(_items.Length * 2)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowOutOfRange(int index, int count) =>
        throw new ArgumentOutOfRangeException(nameof(index), $"index {index} of an array of {count}");
}
