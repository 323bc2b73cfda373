using System.Text;

namespace Wisp.Runtime.Tests.Memories;

/// <summary>What one instance leaves in its slot, the next one in it never sees, whichever way the slot was reset.</summary>
public sealed class SlotReuseTests
{
    private const string Writer = """
        (func (export "fill") (param $from i32) (param $step i32) (param $count i32)
          (loop $again
            (i32.store (local.get $from) (i32.const -1))
            (local.set $from (i32.add (local.get $from) (local.get $step)))
            (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
        """;

    [Theory]
    [InlineData(1, 0, 4, 16384)]               // cleared as a whole
    [InlineData(20, 8, 4096, 3)]               // few pages
    [InlineData(20, 65536 * 19, 8192, 8)]      // at the end
    [InlineData(20, 100, 8192, 64)]            // as many runs as can be told
    [InlineData(20, 100, 8192, 100)]           // more
    [InlineData(20, 0, 4096, 320)]             // every page
    [InlineData(100, 4, 8192, 700)]            // many runs of many pages
    [InlineData(200, 0, 4096, 3200)]           // more than is ever restored in place
    public void NothingWrittenByTheGuestIsLeft(int pages, int from, int step, int count)
    {
        using var guest = new Guest();
        Module first = guest.Compile($"(module (memory (export \"memory\") {pages}) {Writer})");
        Module other = guest.Compile($"(module (memory (export \"memory\") {pages}))");
        for (int round = 0; round < 3; round++)
        {
            using (var store = new Store(guest.Engine))
            {
                guest.Linker.Instantiate(store, first).GetFunction<int, int, int, Unit>("fill").Invoke(from, step, count);
            }

            AssertZero(guest, round % 2 == 0 ? other : first);
        }
    }

    [Fact]
    public void NothingWrittenByTheHostIsLeft()
    {
        using var guest = new Guest();
        Module module = guest.Compile("(module (memory (export \"memory\") 20))");
        using (var store = new Store(guest.Engine))
        {
            Span<byte> memory = guest.Linker.Instantiate(store, module).GetMemory("memory")!.Span;
            memory[5] = 1;
            using FileStream file = File.OpenRead("/proc/self/exe");
            Assert.True(file.Read(memory[500_000..600_000]) > 0);   // written by the kernel
        }

        AssertZero(guest, module);
    }

    [Fact]
    public void NothingOfDataThatWasCopiedIsLeftWhenNothingRan()
    {
        using var guest = new Guest();
        Module first = guest.Compile("""(module (memory 1) (data (i32.const 70) "abc") (data (i32.const 65533) "def"))""");
        Module other = guest.Compile("(module (memory (export \"memory\") 1))");
        for (int round = 0; round < 2; round++)
        {
            using (var store = new Store(guest.Engine))
            {
                guest.Linker.Instantiate(store, first);
            }

            AssertZero(guest, other);
        }
    }

    [Fact]
    public void NothingIsLeftWhenInstantiationTraps()
    {
        using var guest = new Guest();
        Module first = guest.Compile("""(module (memory 1) (data (i32.const 70) "abc") (data (i32.const 65534) "def"))""");
        Module other = guest.Compile("(module (memory (export \"memory\") 1))");
        using (var store = new Store(guest.Engine))
        {
            Assert.Throws<TrapException>(() => guest.Linker.Instantiate(store, first));
        }

        AssertZero(guest, other);
    }

    [Fact]
    public void PagesThatWereGrownComeBackAsZero()
    {
        using var guest = new Guest();
        Module module = guest.Compile($"(module (memory (export \"memory\") 1) {Writer})");
        for (int round = 0; round < 3; round++)
        {
            using var store = new Store(guest.Engine);
            Instance instance = guest.Linker.Instantiate(store, module);
            Memory memory = instance.GetMemory("memory")!;
            Assert.Equal(65536, memory.Bytes);
            Assert.True(memory.TryGrow(9, out _));
            Assert.False(memory.Span.ContainsAnyExcept((byte)0));
            instance.GetFunction<int, int, int, Unit>("fill").Invoke(0, 4096, 160);
        }
    }

    [Fact]
    public void AnImageIsRestoredInItsPagesAndAroundThem()
    {
        using var guest = new Guest();
        const int DataAt = 70_000;
        var text = new StringBuilder().Append('x', 40_000);
        Module module = guest.Compile(
            $"(module (memory (export \"memory\") 20) (data (i32.const {DataAt}) \"{text}\") {Writer})");
        Assert.NotNull(module.HeapImage);
        (int From, int Step, int Count)[] patterns =
            [(0, 4096, 320), (65536, 4096, 20), (DataAt, 4, 2000), (DataAt + 40_000, 4096, 5), (DataAt - 8192, 4096, 3)];
        foreach ((int from, int step, int count) in patterns)
        {
            using (var store = new Store(guest.Engine))
            {
                guest.Linker.Instantiate(store, module).GetFunction<int, int, int, Unit>("fill").Invoke(from, step, count);
            }

            using var next = new Store(guest.Engine);
            Span<byte> memory = guest.Linker.Instantiate(next, module).GetMemory("memory")!.Span;
            Assert.Equal(40_000, memory[DataAt..].Count((byte)'x'));
            Assert.Equal(DataAt, memory.IndexOf((byte)'x'));
            Assert.Equal(40_000, memory.Length - memory.Count((byte)0));
        }
    }

    [Fact]
    public void TablesAndGlobalsStartAsTheirModuleSays()
    {
        using var guest = new Guest();
        Module first = guest.Compile("""
            (module
              (table (export "table") 20 funcref) (elem (i32.const 2) $f $f)
              (global (export "one") (mut i64) (i64.const 1)) (global (export "vector") (mut i64) (i64.const -1))
              (func $f (export "f")
                (global.set 0 (i64.const 99))
                (table.set (i32.const 19) (ref.func $f)) (table.set (i32.const 2) (ref.null func))))
            """);
        Module other = guest.Compile("""
            (module
              (table (export "table") 24 funcref)
              (global (export "one") (mut i64) (i64.const 0)) (global (export "two") (mut externref) (ref.null extern)))
            """);
        for (int round = 0; round < 3; round++)
        {
            using (var store = new Store(guest.Engine))
            {
                Instance instance = guest.Linker.Instantiate(store, first);
                Table table = instance.GetTable("table")!;
                Assert.False(table[2].IsNull);
                Assert.True(table[19].IsNull);
                Assert.Equal(1, instance.GetGlobal("one")!.Value.AsInt64());
                instance.GetFunction("f")!.Invoke();
                Assert.False(table[19].IsNull);
                Assert.True(table.TryGrow(100, Value.FromFunction(instance.GetFunction("f")), out _));
            }

            using var next = new Store(guest.Engine);
            Instance fresh = guest.Linker.Instantiate(next, other);
            Assert.Equal(0, fresh.GetGlobal("one")!.Value.AsInt64());
            Assert.True(fresh.GetGlobal("two")!.Value.IsNull);
            for (int i = 0; i < 24; i++)
            {
                Assert.True(fresh.GetTable("table")![i].IsNull);
            }
        }
    }

    [Fact]
    public void SlotsPastThoseThatKeepTheirPagesAreZeroToo()
    {
        using var guest = new Guest();
        Module first = guest.Compile($"(module (memory (export \"memory\") 10) {Writer})");
        Module other = guest.Compile("(module (memory (export \"memory\") 10))");
        var stores = new List<Store>();
        for (int i = 0; i < 80; i++)
        {
            stores.Add(new Store(guest.Engine));
            guest.Linker.Instantiate(stores[i], first).GetFunction<int, int, int, Unit>("fill").Invoke(0, 4096, 160);
        }

        stores.ForEach(static store => store.Dispose());
        stores = [.. stores.Select(_ => new Store(guest.Engine))];
        foreach (Store store in stores)
        {
            Assert.False(guest.Linker.Instantiate(store, other).GetMemory("memory")!.Span.ContainsAnyExcept((byte)0));
        }

        stores.ForEach(static store => store.Dispose());
    }

    [Fact]
    public void NothingIsLeftHoweverOftenPagesAreRestoredInPlace()
    {
        using var guest = new Guest();
        Module module = guest.Compile($"(module (memory (export \"memory\") 20) {Writer})");
        for (int round = 0; round < 40; round++)   // some of them give the pages back instead
        {
            using (var store = new Store(guest.Engine))
            {
                guest.Linker.Instantiate(store, module).GetFunction<int, int, int, Unit>("fill").Invoke(round * 4, 4096, 300);
            }

            AssertZero(guest, module);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public void SlotsThatWereTrimmedStartAsAtFirst(int dataBytes)
    {
        using var guest = new Guest();
        string data = dataBytes > 0 ? $"(data (i32.const 0) \"{new string('x', dataBytes)}\")" : "";
        Module module = guest.Compile($"(module (memory (export \"memory\") 20) (global (export \"g\") (mut i32) (i32.const 5)) {data} {Writer})");
        for (int round = 0; round < 2; round++)
        {
            Store[] stores = [.. Enumerable.Range(0, 20).Select(_ => new Store(guest.Engine))];
            foreach (Store store in stores)
            {
                Instance instance = guest.Linker.Instantiate(store, module);
                Span<byte> memory = instance.GetMemory("memory")!.Span;
                Assert.Equal(dataBytes, memory.Count((byte)'x'));
                Assert.Equal(memory.Length - dataBytes, memory.Count((byte)0));
                Assert.Equal(5, instance.GetGlobal("g")!.Value.AsInt32());
                instance.GetGlobal("g")!.Value = 6;
                instance.GetFunction<int, int, int, Unit>("fill").Invoke(round * 4, 4096, 300);
            }

            Array.ForEach(stores, static store => store.Dispose());
            guest.Engine.Slots.Trim();
            guest.Engine.Slots.Trim();
        }
    }

    [Fact]
    public void AnInstanceAllocatesLittle()
    {
        const int Times = 1000;
        using var guest = new Guest();
        Module module = guest.Compile("""
            (module (memory (export "memory") 1) (table 8 funcref) (elem (i32.const 0) $f) (global (mut i32) (i32.const 7))
              (data (i32.const 8) "data") (func $f (export "f")))
            """);
        Start(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Start(Times);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Times;
        Assert.True(each <= 700, $"{each} bytes for each instance with its store");

        void Start(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using var store = new Store(guest.Engine);
                guest.Linker.Instantiate(store, module);
            }
        }
    }

    private static void AssertZero(Guest guest, Module module)
    {
        using var store = new Store(guest.Engine);
        Assert.False(guest.Linker.Instantiate(store, module).GetMemory("memory")!.Span.ContainsAnyExcept((byte)0));
    }
}
