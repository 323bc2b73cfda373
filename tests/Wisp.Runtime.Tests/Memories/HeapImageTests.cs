using System.Text;

namespace Wisp.Runtime.Tests.Memories;

public sealed class HeapImageTests
{
    private const int DataBytes = 100_000;

    [Fact]
    public void MappedDataIsTheSameForEveryInstanceAndPrivateToEach()
    {
        using var guest = new Guest();
        Module module = guest.Compile(WithData("(i32.const 70000)"));
        Assert.NotNull(module.HeapImage);
        for (int round = 0; round < 3; round++)   // the second and third from the pool
        {
            using var first = new Store(guest.Engine);
            using var second = new Store(guest.Engine);
            Span<byte> one = guest.Linker.Instantiate(first, module).GetMemory("memory")!.Span;
            Memory grown = guest.Linker.Instantiate(second, module).GetMemory("memory")!;
            Assert.True(one[70_000..].StartsWith("data starts here "u8));
            Assert.False(one[..70_000].ContainsAnyExcept((byte)0));
            Assert.Equal((byte)'x', one[70_000 + DataBytes - 1]);
            Assert.False(one[(70_000 + DataBytes)..].ContainsAnyExcept((byte)0));

            one.Clear();

            Assert.True(grown.Span[70_000..].StartsWith("data starts here "u8));
            Assert.True(grown.TryGrow(4, out _));
            grown.Span.Fill(7);
        }
    }

    [Fact]
    public void SlotOfOneModuleServesAnotherOnlyWithoutItsData()
    {
        using var guest = new Guest();
        Module one = guest.Compile(WithData("(i32.const 0)"));
        Module two = guest.Compile("(module (memory (export \"memory\") 4))");
        using (var store = new Store(guest.Engine))
        {
            guest.Linker.Instantiate(store, one);
        }

        using var other = new Store(guest.Engine);
        Assert.False(guest.Linker.Instantiate(other, two).GetMemory("memory")!.Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void ActiveSegmentsAreDroppedLikeCopiedOnes()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(WithData("(i32.const 0)"));

        Assert.Equal(
            TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => instance.GetFunction("init")!.Invoke()).Kind);
    }

    [Fact]
    public void ModuleThatIsGoneLeavesNoSlotBehind()
    {
        using var guest = new Guest();
        Module module = guest.Compile(WithData("(i32.const 0)"));
        using var late = new Store(guest.Engine);
        guest.Linker.Instantiate(late, module);
        using (var store = new Store(guest.Engine))
        {
            guest.Linker.Instantiate(store, module);
        }

        module.Dispose();
        Assert.True(module.HeapImage!.IsRetired);
    }

    [Theory]
    [InlineData("(global.get $g)")]
    [InlineData("(i32.const 200000)")]
    public void DataThatIsNotKnownOrDoesNotFitIsNotMapped(string offset)
    {
        using var guest = new Guest();
        Module module = guest.Compile(WithData(offset));

        Assert.Null(module.HeapImage);
        if (offset.StartsWith("(i32", StringComparison.Ordinal))
        {
            Assert.Throws<TrapException>(() => guest.Linker.Instantiate(guest.Store, module));
        }
        else
        {
            Span<byte> memory = guest.Linker.Instantiate(guest.Store, module).GetMemory("memory")!.Span;
            Assert.True(memory[16..].StartsWith("data starts here "u8));
        }
    }

    private static string WithData(string offset)
    {
        var text = new StringBuilder("data starts here ");
        text.Append('x', DataBytes - text.Length);
        return $"""
            (module
              (memory (export "memory") 4)
              (global $g i32 (i32.const 16))
              (data $d {offset} "{text}")
              (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))
            """;
    }
}
