using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Tests.Allocation;

public sealed class RegisterOccupancyTests
{
    private const int Points = 4000;

    private readonly RegisterOccupancy _occupancy = new();
    private readonly SortedDictionary<int, OccupiedRange> _expected = [];

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 30)]
    [InlineData(3, 70)]
    public void HoldsWhatAnOrderedListHolds(int seed, int removals)
    {
        var random = new Random(seed);
        for (int round = 0; round < 2; round++)
        {
            for (int step = 0; step < 8000; step++)
            {
                Insert(random.Next(Points), 1 + random.Next(4), step);
                if (random.Next(100) < removals && _expected.Count > 0)
                {
                    Remove(_expected.Keys.ElementAt(random.Next(_expected.Count)));
                }

                if (step % 400 == 0)
                {
                    AssertHoldsExpected(random);
                }
            }

            AssertHoldsExpected(random);
            while (_expected.Count > 0)
            {
                Remove(_expected.Keys.ElementAt(random.Next(_expected.Count)));
            }

            AssertHoldsExpected(random);
            _occupancy.Clear();
        }
    }

    [Theory]
    [InlineData("ascending")]
    [InlineData("descending")]
    [InlineData("shuffled")]
    public void InsertingAndRemovingMovesABoundedNumberOfRangesEach(string order)
    {
        const int Count = 100_000;
        int[] keys = [.. Enumerable.Range(0, Count)];
        if (order == "descending")
        {
            Array.Reverse(keys);
        }
        else if (order == "shuffled")
        {
            new Random(7).Shuffle(keys);
        }

        foreach (int key in keys)
        {
            _occupancy.Insert(2 * key, (2 * key) + 1, key);
        }

        Assert.InRange(_occupancy.Moved, 0, (long)Count * RegisterOccupancy.ChunkSize);
        foreach (int key in keys)
        {
            _occupancy.Remove(2 * key);
        }

        Assert.InRange(_occupancy.Moved, 0, 2L * Count * RegisterOccupancy.ChunkSize);
        Assert.Equal(0, _occupancy.End);
    }

    private void Insert(int from, int length, int bundle)
    {
        bool free = _expected.Values.All(range => range.To <= from || range.From >= from + length);
        Assert.Equal(free, _occupancy.IsFree(from, from + length));
        if (free)
        {
            _occupancy.Insert(from, from + length, bundle);
            _expected.Add(from, new OccupiedRange { From = from, To = from + length, Bundle = bundle });
        }
    }

    private void Remove(int from)
    {
        _occupancy.Remove(from);
        _expected.Remove(from);
    }

    private void AssertHoldsExpected(Random random)
    {
        var held = new List<OccupiedRange>();
        var places = new List<int>();
        for (int place = _occupancy.FirstEndingAfter(-1, 0); place < _occupancy.End; place = _occupancy.Next(place))
        {
            held.Add(_occupancy[place]);
            places.Add(place);
        }

        Assert.Equal(_expected.Values, held);
        places.Add(_occupancy.End);
        for (int i = 0; i < 200; i++)
        {
            int point = random.Next(Points);
            int expected = held.FindIndex(range => range.To > point);
            expected = expected < 0 ? held.Count : expected;
            int start = random.Next(expected + 1);
            Assert.Equal(places[expected], _occupancy.FirstEndingAfter(point, places[start]));
        }
    }
}
