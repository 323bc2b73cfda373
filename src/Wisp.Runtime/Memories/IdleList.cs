namespace Wisp.Memories;

// What came last goes first, so what nobody needs gathers at the bottom:
//
//   bottom  [ not taken since the last look │ taken from time to time ]  top
//                                           └ _untouched

/// <summary>Idle things of which those that nobody needs can be told. Not thread safe.</summary>
internal sealed class IdleList<T>
    where T : class
{
    private readonly List<T> _items = [];
    private int _untouched;

    public int Count => _items.Count;

    public T? Top => _items.Count > 0 ? _items[^1] : null;

    public void Push(T item) => _items.Add(item);

    public T? Pop()
    {
        if (Top is { } item)
        {
            _items.RemoveAt(_items.Count - 1);
            _untouched = Math.Min(_untouched, _items.Count);
            return item;
        }

        return null;
    }

    /// <summary>Takes out what nobody needed since the last time this was asked.</summary>
    /// <param name="condition">What else must hold.</param>
    /// <param name="taken">Gets the items.</param>
    public void TakeUntouched(Predicate<T> condition, List<T> taken)
    {
        int kept = 0;
        for (int i = 0; i < _untouched; i++)
        {
            if (condition(_items[i]))
            {
                taken.Add(_items[i]);
            }
            else
            {
                _items[kept++] = _items[i];
            }
        }

        _items.RemoveRange(kept, _untouched - kept);
        _untouched = _items.Count;
    }

    /// <summary>Puts what was taken out back where it is needed last.</summary>
    public void PutBelow(T item)
    {
        _items.Insert(0, item);
        _untouched++;
    }
}
