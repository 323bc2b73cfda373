using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Memories;

public sealed class MemoryTests
{
    private const string Growing = """
        (module
          (memory (export "memory") 1 10)
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))
        """;

    [Theory]
    [InlineData(MemoryBounds.Guarded)]
    [InlineData(MemoryBounds.Explicit)]
    public void GrowsInPlaceUpToItsMaximumAndTheStoresLimit(MemoryBounds bounds)
    {
        using var guest = new Guest(
            new StoreLimits { MaxMemoryBytes = 4 << 16 }, new EngineOptions { MemoryBounds = bounds });
        Instance instance = guest.Instantiate(Growing);
        TypedFunction<int, int> grow = instance.GetFunction<int, int>("grow");
        TypedFunction<int, int> load = instance.GetFunction<int, int>("load");
        instance.GetFunction<int, int, Unit>("store").Invoke(0, 123);

        Assert.Throws<TrapException>(() => load.Invoke(65536));
        Assert.Equal(1, grow.Invoke(2));
        Assert.Equal(0, load.Invoke(65536));
        Assert.Equal(-1, grow.Invoke(2));
        Assert.Equal(-1, grow.Invoke(-1));
        Assert.Equal(3, grow.Invoke(1));
        Assert.Equal(-1, grow.Invoke(1));
        Assert.Equal(123, load.Invoke(0));
        Assert.Equal(4 << 16, instance.GetMemory("memory")!.Bytes);
        Assert.Equal(4 << 16, guest.Store.MemoryBytes);
        Assert.Equal(
            TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => load.Invoke((4 << 16) - 3)).Kind);
    }

    [Fact]
    public void SlotFromThePoolIsZeroAndHasItsOwnSize()
    {
        using var guest = new Guest();
        Module module = guest.Compile(Growing);
        for (int i = 0; i < 5; i++)
        {
            using var store = new Store(guest.Engine);
            Instance instance = guest.Linker.Instantiate(store, module);
            Memory memory = instance.GetMemory("memory")!;

            Assert.Equal(65536, memory.Bytes);
            Assert.False(memory.Span.ContainsAnyExcept((byte)0));
            memory.Span.Fill(0xAB);
            Assert.True(memory.TryGrow(3, out _));
            memory.Span.Fill(0xAB);
        }
    }

    [Fact]
    public void MemoryOfADisposedStoreIsRefused()
    {
        var guest = new Guest();
        Memory memory = guest.Instantiate(Growing).GetMemory("memory")!;
        guest.Dispose();

        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.TryGrow(1, out _));
    }

    [Fact]
    public void SixtyFourBitMemoryIsCheckedAndGrows()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (memory i64 1)
              (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
              (func (export "load") (param i64) (result i64) (i64.load offset=8 (local.get 0))))
            """);
        TypedFunction<long, long> load = instance.GetFunction<long, long>("load");

        Assert.Equal(0, load.Invoke(65520));
        Assert.Throws<TrapException>(() => load.Invoke(65521));
        Assert.Throws<TrapException>(() => load.Invoke(-8));
        Assert.Throws<TrapException>(() => load.Invoke(-16));
        Assert.Equal(1, instance.GetFunction<long, long>("grow").Invoke(1));
        Assert.Equal(0, load.Invoke(65521));
        Assert.Equal(-1, instance.GetFunction<long, long>("grow").Invoke(long.MaxValue));
    }

    [Fact]
    public void SecondMemoryIsItsOwn()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (memory $a 1) (memory $b 1)
              (func (export "run") (result i32)
                (i32.store $a (i32.const 0) (i32.const 1))
                (i32.store $b (i32.const 0) (i32.const 2))
                (memory.copy $b $a (i32.const 4) (i32.const 0) (i32.const 4))
                (i32.add (i32.mul (i32.load $b (i32.const 4)) (i32.const 10)) (i32.load $b (i32.const 0))))
              (func (export "load") (param i32) (result i32) (i32.load $b (local.get 0))))
            """);

        Assert.Equal(12, instance.GetFunction<int>("run").Invoke());
        Assert.Throws<TrapException>(() => instance.GetFunction<int, int>("load").Invoke(65533));
    }

    [Fact]
    public void TableGrowsUpToTheStoresLimit()
    {
        using var guest = new Guest(new StoreLimits { MaxTableElements = 10 });
        Instance instance = guest.Instantiate("""
            (module (table (export "t") 4 funcref)
              (func (export "grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
            """);
        TypedFunction<int, int> grow = instance.GetFunction<int, int>("grow");

        Assert.Equal(4, grow.Invoke(6));
        Assert.Equal(-1, grow.Invoke(1));
        Assert.Equal(10, instance.GetTable("t")!.Length);
    }

    [Fact]
    public void GuestMemoryChecksEveryAccess()
    {
        using var guest = new Guest();
        var memory = new Memory(guest.Store, new MemoryType(new Limits(1, 1), false, false));
        GuestMemory view = memory.Guest;

        Assert.True(view.TryWriteUInt64(65528, 0x0102030405060708));
        Assert.True(view.TryReadUInt32(65532, out uint high));
        Assert.Equal(0x01020304u, high);
        Assert.False(view.TryReadUInt32(65533, out _));
        Assert.False(view.TrySlice(ulong.MaxValue, 1, out _));
        Assert.False(view.TrySlice(0, ulong.MaxValue, out _));
        Assert.True(view.TrySlice(65536, 0, out _));
        Assert.False(view.TryWrite(65535, [1, 2]));
    }
}
