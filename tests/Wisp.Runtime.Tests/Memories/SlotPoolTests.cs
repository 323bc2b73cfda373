using System.Collections.Concurrent;
using Wisp.Memories;

namespace Wisp.Runtime.Tests.Memories;

public sealed class SlotPoolTests
{
    private static readonly SlotUse Nothing = new(WasRun: false, []);
    private static readonly IdleTrimming NoTrimming = new(new NothingToTrim());

    [Fact]
    public void SlotOfTheShelfsSizeIsRentedAgain()
    {
        var pool = new SlotPool(1000, NoTrimming);
        SlotShelf shelf = pool.ShelfFor(SlotSize.ContextOnly(4096), null);
        MemorySlot slot = pool.Rent(shelf)!;
        pool.Return(slot, shelf, Nothing);

        // Another processor than before misses it, so it may be the shelf's only slot, but not this one.
        MemorySlot next = pool.Rent(shelf)!;
        Assert.False(slot.IsFree);
        Assert.Equal(shelf.Size, next.Size);
        pool.Return(next, shelf, Nothing);
        pool.Clear();
    }

    [Fact]
    public void PoolWithoutCapacityKeepsNothing()
    {
        var pool = new SlotPool(0, NoTrimming);
        SlotShelf shelf = pool.ShelfFor(SlotSize.ContextOnly(4096), null);
        MemorySlot slot = pool.Rent(shelf)!;
        pool.Return(slot, shelf, Nothing);
        Assert.True(slot.IsFree);
    }

    [Fact]
    public void ClearFreesEverySlot()
    {
        var pool = new SlotPool(1000, NoTrimming);
        List<MemorySlot> slots = ReturnMany(pool, pool.ShelfFor(SlotSize.ContextOnly(4096), null), 40);
        Assert.DoesNotContain(slots, static slot => slot.IsFree);
        pool.Clear();
        Assert.DoesNotContain(slots, static slot => !slot.IsFree);
    }

    [Fact]
    public void NoMoreSlotsAreKeptThanTheCapacity()
    {
        var pool = new SlotPool(20, NoTrimming);
        List<MemorySlot> slots = ReturnMany(pool, pool.ShelfFor(SlotSize.ContextOnly(4096), null), 40);
        Assert.InRange(slots.Count(static slot => !slot.IsFree), 1, 20);
        pool.Clear();
    }

    [Fact]
    public void SlotsOfAModuleThatIsGoneAreFreed()
    {
        using var guest = new Guest();
        Module module = guest.Compile($"(module (memory 4) (data (i32.const 0) \"{new string('x', 100_000)}\"))");
        SlotPool pool = guest.Engine.Slots;
        SlotShelf shelf = module.Template.Shelf!;
        List<MemorySlot> slots = ReturnMany(pool, shelf, 10, slot => Assert.True(slot.TryPrepare(4 << 16, module.HeapImage, module)));
        MemorySlot late = pool.Rent(shelf)!;
        Assert.True(late.TryPrepare(4 << 16, module.HeapImage, module));
        module.Dispose();
        Assert.DoesNotContain(slots, slot => slot != late && !slot.IsFree);
        pool.Return(late, shelf, Nothing);
        Assert.True(late.IsFree);
    }

    [Fact]
    public void NoSlotIsRentedTwiceAtATime()
    {
        var pool = new SlotPool(16, NoTrimming);
        SlotShelf[] shelves = [.. Enumerable.Range(1, 7).Select(pages => pool.ShelfFor(SlotSize.ContextOnly(pages * 4096), null))];
        var rented = new ConcurrentDictionary<MemorySlot, int>();
        int faults = 0;
        Thread[] users = [.. Enumerable.Range(0, 4).Select(number => new Thread(() => Use(number)))];
        Array.ForEach(users, static user => user.Start());
        Array.ForEach(users, static user => user.Join());
        pool.Clear();
        Assert.Equal(0, faults);

        void Use(int number)
        {
            var random = new Random(number);
            for (int i = 0; i < 2000; i++)
            {
                SlotShelf shelf = shelves[random.Next(shelves.Length)];
                MemorySlot slot = pool.Rent(shelf)!;
                if (slot.Size != shelf.Size || slot.IsFree || !rented.TryAdd(slot, number))
                {
                    Interlocked.Increment(ref faults);
                }

                if (i % 100 == 0)
                {
                    Thread.Yield();
                }

                rented.TryRemove(slot, out _);
                pool.Return(slot, shelf, Nothing);
            }
        }
    }

    [Fact]
    public void TrimGivesBackWhatNobodyNeededSinceTheLastOne()
    {
        var pool = new SlotPool(1000, NoTrimming);
        SlotShelf shelf = pool.ShelfFor(SlotSize.Guarded(4096), null);
        List<MemorySlot> slots = ReturnMany(pool, shelf, 40, Write);
        Assert.DoesNotContain(slots, static slot => slot.KeptBytes == 0);

        Assert.True(pool.Trim());   // only looks
        Assert.DoesNotContain(slots, static slot => slot.KeptBytes == 0);
        List<MemorySlot> again = ReturnMany(pool, shelf, 20, Write);
        pool.Trim();

        Assert.DoesNotContain(again, static slot => slot.KeptBytes == 0);
        Assert.Contains(slots, static slot => slot.KeptBytes == 0);
        Assert.False(pool.Trim());
        for (int i = 0; i < 60; i++)
        {
            MemorySlot slot = pool.Rent(shelf)!;
            Assert.True(slot.TryPrepare(65536, null, pool));
            Assert.False(RawMemory.Span<byte>(slot.Origin - 4096, 4096 + 65536).ContainsAnyExcept((byte)0));
        }

        pool.Clear();

        void Write(MemorySlot slot)
        {
            Assert.True(slot.TryPrepare(65536, null, pool));
            RawMemory.Span<byte>(slot.Origin, 65536).Fill(1);
        }
    }

    [Fact]
    public void IdleSlotsKeepNoMoreThanTheirBound()
    {
        var pool = new SlotPool(1000, NoTrimming);
        SlotShelf shelf = pool.ShelfFor(SlotSize.Guarded(4096), null);
        const int Bytes = 2 << 20;
        List<MemorySlot> slots = [.. Enumerable.Range(0, 40).Select(_ => pool.Rent(shelf)!)];
        foreach (MemorySlot slot in slots)
        {
            Assert.True(slot.TryPrepare(Bytes, null, pool));
            RawMemory.Span<byte>(slot.Origin, Bytes).Fill(1);
        }

        slots.ForEach(slot => pool.Return(slot, shelf, new SlotUse(WasRun: true, [])));
        Assert.InRange(slots.Sum(static slot => slot.KeptBytes), 0, 41 << 20);
        pool.Clear();
    }

    private static List<MemorySlot> ReturnMany(SlotPool pool, SlotShelf shelf, int count, Action<MemorySlot>? prepare = null)
    {
        List<MemorySlot> slots = [.. Enumerable.Range(0, count).Select(_ => pool.Rent(shelf)!)];
        slots.ForEach(slot => prepare?.Invoke(slot));
        slots.ForEach(slot => pool.Return(slot, shelf, prepare is null ? Nothing : new SlotUse(WasRun: true, [])));
        return slots;
    }

    private sealed class NothingToTrim : ITrimmed
    {
        public bool Trim() => false;
    }
}
