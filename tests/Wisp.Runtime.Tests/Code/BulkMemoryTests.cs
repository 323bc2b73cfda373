using System.Text;

namespace Wisp.Runtime.Tests.Code;

// memory.copy and memory.fill of every small size and every way to overlap, compared with spans.
public sealed class BulkMemoryTests
{
    private const int Middle = 2000;
    private const int Sizes = 68;

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

    // Sizes that are constants have code of their own, up to some size.
    [Fact]
    public void CopiesEveryConstantSizeAndOverlap()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(OfEverySize("(param i32 i32)", "(memory.copy (local.get 0) (local.get 1) (i32.const {0}))"));
        Memory memory = instance.GetMemory("memory")!;
        byte[] expected = new byte[4096];
        for (int size = 0; size < Sizes; size++)
        {
            TypedFunction<int, int, int> copy = instance.GetFunction<int, int, int>($"f{size}");
            new Random(size).NextBytes(expected);
            expected.CopyTo(memory.Span);
            for (int shift = -Sizes; shift <= Sizes; shift++)
            {
                copy.Invoke(Middle + shift, Middle);
                expected.AsSpan(Middle, size).CopyTo(expected.AsSpan(Middle + shift));
                Assert.True(expected.AsSpan().SequenceEqual(memory.Span[..expected.Length]), $"{size} bytes by {shift}");
            }
        }
    }

    [Fact]
    public void FillsEveryConstantSize()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(OfEverySize(
            "(param i32 i32)",
            """
            (memory.fill (local.get 0) (local.get 1) (i32.const {0}))
            (memory.fill (i32.add (local.get 0) (i32.const 100)) (i32.const 0x1fe) (i32.const {0}))
            """));
        Memory memory = instance.GetMemory("memory")!;
        byte[] expected = new byte[4096];
        for (int size = 0; size < Sizes; size++)
        {
            instance.GetFunction<int, int, int>($"f{size}").Invoke(Middle + size, size * 0x1237);
            expected.AsSpan(Middle + size, size).Fill((byte)(size * 0x1237));
            expected.AsSpan(Middle + size + 100, size).Fill(0xFE);
            Assert.True(expected.AsSpan().SequenceEqual(memory.Span[..expected.Length]), $"{size} bytes");
        }
    }

    [Fact]
    public void ConstantSizeThatTrapsWritesNothing()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(OfEverySize(
            "(param i32 i32)",
            """
            (if (i32.eqz (local.get 1)) (then (memory.fill (local.get 0) (i32.const 1) (i32.const {0})))
              (else (memory.copy (local.get 0) (local.get 1) (i32.const {0}))))
            """));
        Memory memory = instance.GetMemory("memory")!;
        byte[] expected = new byte[65536];
        new Random(1).NextBytes(expected);
        expected.CopyTo(memory.Span);
        for (int size = 1; size < Sizes; size++)
        {
            TypedFunction<int, int, int> function = instance.GetFunction<int, int, int>($"f{size}");
            foreach ((int to, int from) in (ReadOnlySpan<(int, int)>)
                [(65537 - size, 0), (65536, 0), (-1, 0), (65537 - size, 100), (100, 65537 - size), (-1, 100), (100, -1)])
            {
                TrapException trap = Assert.Throws<TrapException>(() => function.Invoke(to, from));
                Assert.Equal(TrapKind.MemoryOutOfBounds, trap.Kind);
                Assert.True(expected.AsSpan().SequenceEqual(memory.Span), $"{size} bytes from {from} to {to}");
            }
        }
    }

    private static string OfEverySize(string parameters, string body)
    {
        var text = new StringBuilder("(module (memory (export \"memory\") 1)");
        for (int size = 0; size < Sizes; size++)
        {
            text.Append("(func (export \"f").Append(size).Append("\") ").Append(parameters).Append("(result i32) ")
                .Append(body.Replace("{0}", $"{size}", StringComparison.Ordinal)).Append(" (i32.const 0))");
        }

        return text.Append(')').ToString();
    }
}
