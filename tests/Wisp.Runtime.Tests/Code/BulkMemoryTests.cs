namespace Wisp.Runtime.Tests.Code;

// memory.copy and memory.fill of every small size and every way to overlap, compared with spans.
public sealed class BulkMemoryTests
{
    private const int Middle = 2000;

    [Fact]
    public void CopiesEverySizeAndOverlap()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (memory (export "memory") 1)
              (func (export "copy") (param i32 i32 i32) (result i32)
                (memory.copy (local.get 0) (local.get 1) (local.get 2)) (i32.const 0)))
            """);
        TypedFunction<int, int, int, int> copy = instance.GetFunction<int, int, int, int>("copy");
        Memory memory = instance.GetMemory("memory")!;
        byte[] expected = new byte[4096];
        foreach (int size in Enumerable.Range(0, 72).Concat([100, 127, 128, 129, 300, 511, 512, 600]))
        {
            for (int shift = -67; shift <= 67; shift++)
            {
                new Random(size).NextBytes(expected);
                expected.CopyTo(memory.Span);
                copy.Invoke(Middle + shift, Middle, size);
                expected.AsSpan(Middle, size).CopyTo(expected.AsSpan(Middle + shift));
                Assert.True(expected.AsSpan().SequenceEqual(memory.Span[..expected.Length]), $"{size} bytes by {shift}");
            }
        }
    }

    [Fact]
    public void FillsEverySize()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (memory (export "memory") 1)
              (func (export "fill") (param i32 i32 i32) (result i32)
                (memory.fill (local.get 0) (local.get 1) (local.get 2)) (i32.const 0)))
            """);
        TypedFunction<int, int, int, int> fill = instance.GetFunction<int, int, int, int>("fill");
        Memory memory = instance.GetMemory("memory")!;
        byte[] expected = new byte[4096];
        for (int size = 0; size < 600; size++)
        {
            fill.Invoke(Middle, size | 0x4500, size);
            expected.AsSpan(Middle, size).Fill((byte)size);
            Assert.True(expected.AsSpan().SequenceEqual(memory.Span[..expected.Length]), $"{size} bytes");
        }
    }
}
