using System.Diagnostics.CodeAnalysis;

namespace Wisp.Wasi.Preview1;

/// <summary>The guest's descriptors by number. A new one gets the lowest free number, as POSIX promises.</summary>
internal sealed class DescriptorTable(int limit) : IDisposable
{
    private Descriptor?[] _entries = new Descriptor?[8];
    private int _lowestFree;

    /// <summary>Descriptors that are open.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a descriptor found the limit reached.</summary>
    public bool HasRefused { get; private set; }

    public void ForgetRefused() => HasRefused = false;

    /// <summary>Gives a descriptor a number.</summary>
    /// <returns><see langword="false"/> when the limit is reached; the descriptor is then disposed.</returns>
    public bool TryAdd(Descriptor descriptor, out uint number)
    {
        number = 0;
        if (Count >= limit)
        {
            HasRefused = true;
            descriptor.Dispose();
            return false;
        }

        while (_lowestFree < _entries.Length && _entries[_lowestFree] is not null)
        {
            _lowestFree++;
        }

        if (_lowestFree == _entries.Length)
        {
            Array.Resize(ref _entries, _entries.Length * 2);
        }

        number = (uint)_lowestFree;
        _entries[_lowestFree++] = descriptor;
        Count++;
        return true;
    }

    /// <summary>The descriptor with a number.</summary>
    public bool TryGet(uint number, [NotNullWhen(true)] out Descriptor? descriptor)
    {
        descriptor = number < (uint)_entries.Length ? _entries[number] : null;
        return descriptor is not null;
    }

    /// <summary>Takes a number back and closes what it stood for.</summary>
    public bool TryClose(uint number)
    {
        if (!TryGet(number, out Descriptor? descriptor))
        {
            return false;
        }

        _entries[number] = null;
        _lowestFree = Math.Min(_lowestFree, (int)number);
        Count--;
        descriptor.Dispose();
        return true;
    }

    /// <summary>Moves a descriptor over another one, which is closed. Both must be open.</summary>
    public bool TryRenumber(uint from, uint to)
    {
        if (!TryGet(from, out Descriptor? moved) || !TryGet(to, out Descriptor? closed))
        {
            return false;
        }

        if (from != to)
        {
            closed.Dispose();
            _entries[to] = moved;
            _entries[from] = null;
            _lowestFree = Math.Min(_lowestFree, (int)from);
            Count--;
        }

        return true;
    }

    public void Dispose()
    {
        foreach (Descriptor? descriptor in _entries)
        {
            descriptor?.Dispose();
        }

        _entries = [];
        Count = 0;
    }
}
