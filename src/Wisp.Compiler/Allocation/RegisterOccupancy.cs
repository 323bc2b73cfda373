namespace Wisp.Compiler.Allocation;

// The ranges that one register holds: disjoint, ascending, in chunks of bounded size. Most functions fill a single chunk, which is
// a sorted array. A full chunk is halved, so an insertion moves at most one chunk's ranges however many there are.
//
//     directory   { storage, count, to }  { storage, count, to }  ...     in the order of points; to is the last range's end
//     ranges      [storage * ChunkSize, + count)                          chunks in the order in which they were made
//     place       index in the directory * ChunkSize + index in the chunk; End is behind the last chunk
//
// A directory entry is made by ChunkSize / 2 insertions at least, and moves to make room for another are counted in Moved.

/// <summary>The ranges in one register.</summary>
internal sealed class RegisterOccupancy
{
    /// <summary>The most ranges that lie in one sorted array.</summary>
    internal const int ChunkSize = 1 << ChunkBits;

    private const int ChunkBits = 7;
    private const int FirstSize = 16;   // of the storage; most registers hold few ranges

    private readonly GrowableArray<int> _freeStorage = new();
    private OccupiedRange[] _ranges = new OccupiedRange[FirstSize];
    private Chunk[] _directory = new Chunk[1];
    private int _chunks;
    private int _storages;   // chunks of _ranges ever used since Clear

    /// <summary>Ranges and directory entries that insertions and removals moved, for the allocator's budget.</summary>
    public long Moved { get; private set; }

    /// <summary>The place behind the last range.</summary>
    public int End => _chunks * ChunkSize;

    public void Clear()
    {
        _chunks = 0;
        _storages = 0;
        _freeStorage.Clear();
        Moved = 0;
    }

    /// <summary>The range at a place before <see cref="End"/>.</summary>
    public ref readonly OccupiedRange this[int place] =>
        ref _ranges[(_directory[place >> ChunkBits].Storage << ChunkBits) + (place & (ChunkSize - 1))];

    /// <summary>The place of the range behind the one at a place.</summary>
    public int Next(int place)
    {
        int chunk = place >> ChunkBits;
        return (place & (ChunkSize - 1)) + 1 < _directory[chunk].Count ? place + 1 : (chunk + 1) * ChunkSize;
    }

    /// <summary>The place of the first range that ends behind a point, searched from a known place on.</summary>
    public int FirstEndingAfter(int point, int start)
    {
        int chunk = start >> ChunkBits;
        int within = start & (ChunkSize - 1);
        if (chunk < _chunks && _directory[chunk].To <= point)
        {
            chunk = FirstChunkEndingAfter(point, chunk);
            within = 0;
        }

        if (chunk >= _chunks)
        {
            return End;
        }

        // Most searches end right where the one before did: a few steps first, then halving.
        ReadOnlySpan<OccupiedRange> ranges = RangesOf(_directory[chunk]);
        int low = within;
        int step = 1;
        while (ranges[low].To <= point)
        {
            int next = low + step;
            if (next >= ranges.Length || ranges[next].To > point)
            {
                low = Halve(ranges, low + 1, Math.Min(next, ranges.Length), point);
                break;
            }

            low = next;
            step *= 2;
        }

        return (chunk * ChunkSize) + low;
    }

    /// <summary>Whether no range overlaps the given one.</summary>
    public bool IsFree(int from, int to)
    {
        int at = FirstEndingAfter(from, HalveDirectory(0, _chunks, from) * ChunkSize);
        return at == End || this[at].From >= to;
    }

    /// <summary>Adds a range that overlaps no other.</summary>
    public void Insert(int from, int to, int bundle)
    {
        if (_chunks == 0)
        {
            AddChunk(0);
        }

        int chunk = Math.Min(HalveDirectory(0, _chunks, from), _chunks - 1);
        if (_directory[chunk].Count == ChunkSize)
        {
            chunk = Split(chunk, from);
        }

        ref Chunk entry = ref _directory[chunk];
        int first = entry.Storage * ChunkSize;
        if (first + entry.Count == _ranges.Length)
        {
            Array.Resize(ref _ranges, _ranges.Length * 2);
        }

        int at = Halve(RangesOf(entry), 0, entry.Count, from);
        int behind = entry.Count - at;
        Moved += behind;
        Array.Copy(_ranges, first + at, _ranges, first + at + 1, behind);
        _ranges[first + at] = new OccupiedRange { From = from, To = to, Bundle = bundle };
        entry.Count++;
        entry.To = _ranges[first + entry.Count - 1].To;
    }

    /// <summary>Removes the range that starts at a point.</summary>
    public void Remove(int from)
    {
        int chunk = HalveDirectory(0, _chunks, from);
        ref Chunk entry = ref _directory[chunk];
        int first = entry.Storage * ChunkSize;
        int at = Halve(RangesOf(entry), 0, entry.Count, from);
        entry.Count--;
        int behind = entry.Count - at;
        Moved += behind;
        Array.Copy(_ranges, first + at + 1, _ranges, first + at, behind);
        if (entry.Count > 0)
        {
            entry.To = _ranges[first + entry.Count - 1].To;
            return;
        }

        _freeStorage.Add(entry.Storage);
        _chunks--;
        Moved += _chunks - chunk;
        Array.Copy(_directory, chunk + 1, _directory, chunk, _chunks - chunk);
    }

    private ReadOnlySpan<OccupiedRange> RangesOf(in Chunk chunk) => _ranges.AsSpan(chunk.Storage * ChunkSize, chunk.Count);

    /// <summary>Makes room in a full chunk.</summary>
    /// <returns>The chunk that a range starting at a point belongs to.</returns>
    private int Split(int chunk, int from)
    {
        if (chunk == _chunks - 1 && _directory[chunk].To <= from)
        {
            // Ranges that come in order fill each chunk.
            AddChunk(_chunks);
            return chunk + 1;
        }

        AddChunk(chunk + 1);
        ref Chunk left = ref _directory[chunk];
        ref Chunk right = ref _directory[chunk + 1];
        const int Half = ChunkSize / 2;
        int first = left.Storage * ChunkSize;
        Moved += Half;
        Array.Copy(_ranges, first + Half, _ranges, right.Storage * ChunkSize, Half);
        right.Count = Half;
        right.To = left.To;
        left.Count = Half;
        left.To = _ranges[first + Half - 1].To;
        return left.To <= from ? chunk + 1 : chunk;
    }

    private void AddChunk(int at)
    {
        int storage;
        if (_freeStorage.Count > 0)
        {
            storage = _freeStorage[_freeStorage.Count - 1];
            _freeStorage.Resize(_freeStorage.Count - 1);
        }
        else
        {
            storage = _storages++;
        }

        if (storage > 0 && _ranges.Length < (storage + 1) * ChunkSize)
        {
            Array.Resize(ref _ranges, Math.Max((storage + 1) * ChunkSize, _ranges.Length * 2));
        }

        if (_chunks == _directory.Length)
        {
            Array.Resize(ref _directory, _chunks * 2);
        }

        Moved += _chunks - at;
        Array.Copy(_directory, at, _directory, at + 1, _chunks - at);
        _directory[at] = new Chunk { Storage = storage };
        _chunks++;
    }

    private int FirstChunkEndingAfter(int point, int start)
    {
        int low = start;
        int step = 1;
        while (low + step < _chunks && _directory[low + step].To <= point)
        {
            low += step;
            step *= 2;
        }

        return HalveDirectory(low + 1, Math.Min(low + step, _chunks), point);
    }

    private int HalveDirectory(int low, int high, int point)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_directory[middle].To <= point)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static int Halve(ReadOnlySpan<OccupiedRange> ranges, int low, int high, int point)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[middle].To <= point)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private struct Chunk
    {
        public int Storage;
        public int Count;
        public int To;
    }
}
