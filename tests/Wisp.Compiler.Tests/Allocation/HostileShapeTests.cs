using System.Text;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>
/// Shapes that make naive allocators quadratic. The work that the bundle allocator counts must not grow faster than the function;
/// where values times blocks do, it gives up early, and the fast allocator takes over.
/// </summary>
public sealed class HostileShapeTests
{
    private const string Call = " call.call clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10\n";
    private const string CallOfEverything = " call.call v0@rdi clobbers rax, rcx, rdx, rbx, rsi, rdi, r8, r9, r10, r12, r13, r14\n";

    private readonly BundleAllocator _bundle = new();
    private readonly Compiler.Allocation.Allocation _allocation = new();

    [Fact]
    public void BlocksInARow() => GrowsLikeTheFunction(5000, (text, n) =>
    {
        text.Append("block0:\n a =v0:i\n jump -> block1(v0)\n");
        for (int b = 1; b < n; b++)
        {
            text.Append($"block{b}(v{b}:i):\n use v0, v{b}\n jump -> block{b + 1}(v{b})\n");
        }

        text.Append($"block{n}(v{n}:i):\n return v0@rax\n");
    });

    [Fact]
    public void ValuesLiveAtOnce() => GrowsLikeTheFunction(15_000, (text, n) =>
    {
        text.Append("block0:\n");
        Define(text, n);
        Use(text, n);
        text.Append(" return\n");
    });

    [Fact]
    public void ValuesLiveAcrossACall() => GrowsLikeTheFunction(5000, (text, n) =>
    {
        text.Append("block0:\n");
        Define(text, n);
        text.Append(Call);
        Use(text, n);
        Use(text, n);
        text.Append(" return\n");
    });

    [Fact]
    public void ValuesLiveAcrossAsManyCalls() => GrowsLikeTheFunction(3000, (text, n) =>
    {
        text.Append("block0:\n");
        for (int v = 0; v < n; v++)
        {
            text.Append($" a =v{v}:i\n{Call}");
        }

        for (int v = 0; v < n; v++)
        {
            text.Append($" use v{v}\n{Call}");
        }

        text.Append(" return\n");
    });

    [Fact]
    public void ValuesLiveThroughALoop() => GrowsLikeTheFunction(5000, (text, n) =>
    {
        text.Append("block0:\n");
        Define(text, n);
        text.Append(" jump -> block1\nblock1: depth 1 header\n");
        for (int v = 0; v < n; v++)
        {
            text.Append($" use v{v}, v{n - 1 - v}\n");
        }

        text.Append(" branch -> block2, block3\nblock2: depth 1\n jump -> block1\nblock3:\n return\n");
    });

    [Fact]
    public void OneValueUsedAcrossCalls() => GrowsLikeTheFunction(5000, (text, n) =>
    {
        text.Append("block0:\n a =v0:i\n");
        for (int i = 0; i < n; i++)
        {
            text.Append(" use v0\n").Append(CallOfEverything);
        }

        text.Append(" return\n");
    });

    [Fact]
    public void LoopWithParametersThatRotate() => GrowsLikeTheFunction(2000, (text, n) =>
    {
        text.Append("block0:\n");
        Define(text, n);
        string entering = string.Join(", ", Enumerable.Range(0, n).Select(v => $"v{v}"));
        string parameters = string.Join(", ", Enumerable.Range(n, n).Select(v => $"v{v}:i"));
        string rotated = string.Join(", ", Enumerable.Range(0, n).Select(v => $"v{n + ((v + 1) % n)}"));
        text.Append($" jump -> block1({entering})\nblock1({parameters}): depth 1 header\n use v{n}, v{(2 * n) - 1}\n");
        text.Append($" branch -> block2, block3\nblock2: depth 1\n jump -> block1({rotated})\nblock3:\n return\n");
    });

    [Fact]
    public void TableWithManyTargets() => GrowsLikeTheFunction(2000, (text, n) =>
    {
        string targets = string.Join(", ", Enumerable.Range(1, n).Select(b => $"block{b}"));
        text.Append("block0:\n");
        Define(text, 30);
        text.Append($" table v0 -> {targets}\n");
        for (int b = 1; b <= n; b++)
        {
            text.Append($"block{b}:\n use v{b % 30}\n jump -> block{n + 1}(v{b % 3})\n");
        }

        text.Append($"block{n + 1}(v30:i):\n");
        Use(text, 31);
        text.Append(" return\n");
    });

    [Fact]
    public void ChainOfDiamondsThatMergesWithItself() => GrowsLikeTheFunction(1500, (text, n) =>
    {
        text.Append("block0:\n a =v0:i, =v1:i\n jump -> block1(v0, v1)\n");
        for (int i = 0; i < n; i++)
        {
            int block = (3 * i) + 1;
            int vreg = 2 + (2 * i);
            text.Append($"block{block}(v{vreg}:i, v{vreg + 1}:i):\n branch v{vreg} -> block{block + 1}, block{block + 2}\n");
            text.Append($"block{block + 1}:\n jump -> block{block + 3}(v{vreg}, v{vreg + 1})\n");
            text.Append($"block{block + 2}:\n jump -> block{block + 3}(v{vreg + 1}, v{vreg})\n");
        }

        int last = 2 + (2 * n);
        text.Append($"block{(3 * n) + 1}(v{last}:i, v{last + 1}:i):\n use v{last}, v{last + 1}\n return\n");
    });

    [Fact]
    public void ReturnsOfConstants() => GrowsLikeTheFunction(4000, (text, n) =>
    {
        text.Append("block0:\n args =v0:i@rdi\n jump -> block1\n");
        for (int i = 0; i < n; i++)
        {
            int block = 1 + (2 * i);
            text.Append($"block{block}:\n branch v0 -> block{block + 1}, block{block + 2}\n");
            text.Append($"block{block + 1}:\n a =v{i + 1}:i\n return v{i + 1}@rax\n");
        }

        text.Append($"block{1 + (2 * n)}:\n return v0@rax\n");
    });

    [Fact]
    public void ValuesOfDifferentLengthsInARow() => GrowsLikeTheFunction(10_000, (text, n) =>
    {
        // The longest come first: each length is a pass over the code, which inserts between what the ones before left.
        text.Append("block0:\n");
        for (int i = 0; i < n; i++)
        {
            text.Append($" a =v{i}:i\n");
            for (int v = Math.Max(0, i - 50); v <= i; v++)
            {
                if (v + (v * 7 % 50) == i)
                {
                    text.Append($" use v{v}\n");
                }
            }
        }

        text.Append(" return\n");
    });

    [Fact]
    public void ValuesOfManyRangesThatGiveWayToShortOnes() => GrowsLikeTheFunction(1500, (text, n) =>
    {
        // Parameters of a chain of blocks merge into 20 bundles, each with a range a block; what a block computes is heavier.
        const int Carried = 20;
        string Values(int block, string suffix) => string.Join(", ", Enumerable.Range(0, Carried).Select(v => $"v{(block * 30) + v}{suffix}"));
        text.Append("block0:\n");
        Define(text, 30);
        text.Append($" jump -> block1({Values(0, "")})\n");
        for (int b = 1; b <= n; b++)
        {
            text.Append($"block{b}({Values(b, ":i")}):\n use v{(b * 30) + (b % Carried)}\n");
            for (int v = Carried; v < 30; v++)
            {
                text.Append($" a =v{(b * 30) + v}:i\n");
            }

            for (int v = Carried; v < 30; v++)
            {
                text.Append($" use v{(b * 30) + v}, v{(b * 30) + 49 - v}\n");
            }

            text.Append(b < n ? $" jump -> block{b + 1}({Values(b, "")})\n" : " return\n");
        }
    });

    [Fact]
    public void TableWhoseTargetsHaveParametersInSlots() => GrowsLikeTheFunction(3000, (text, n) =>
    {
        text.Append("block0:\n a =v0:i, =v1:i\n");
        text.Append($" table v0 -> {string.Join(", ", Enumerable.Range(1, n).Select(b => $"block{b}(v1)"))}\n");
        for (int b = 1; b <= n; b++)
        {
            text.Append($"block{b}(v{b + 1}:i):\n{CallOfEverything.Replace("v0@rdi ", "", StringComparison.Ordinal)} use v{b + 1}\n return\n");
        }
    });

    [Fact]
    public void NestWhereEveryLoopCarriesAValueThroughAllInnerOnesIsLeftToTheFastAllocator()
    {
        MachineFunction function = Parse(Nest, 2500);
        Assert.False(_bundle.TryAllocate(function, _allocation));
        Assert.InRange(_bundle.Work, 0, 5_000_000);
        new FastAllocator().Allocate(function, _allocation);
    }

    [Fact]
    public void ShallowerNestIsAllocated()
    {
        MachineFunction function = Parse(Nest, 40);
        Assert.True(_bundle.TryAllocate(function, _allocation));
        AllocationChecker.Check(function, _allocation);
    }

    private static void Nest(StringBuilder text, int depth)
    {
        text.Append("block0:\n a =v0:i, =v1:i\n jump -> block1(v0)\n");
        for (int k = 1; k <= depth; k++)
        {
            text.Append($"block{k}(v{k + 1}:i): depth {k} header\n use v{k + 1}\n jump -> block{k + 1}{(k < depth ? $"(v{k + 1})" : "")}\n");
        }

        for (int k = depth; k >= 1; k--)
        {
            int block = depth + 1 + ((depth - k) * 2);
            int vreg = depth + 2 + (depth - k);
            text.Append($"block{block}: depth {k}\n use v{k + 1}\n a =v{vreg}:i\n branch -> block{block + 1}, block{block + 2}\n");
            text.Append($"block{block + 1}: depth {k}\n jump -> block{k}(v{vreg})\n");
        }

        text.Append($"block{(3 * depth) + 1}:\n return\n");
    }

    private static void Define(StringBuilder text, int count)
    {
        for (int v = 0; v < count; v++)
        {
            text.Append($" a =v{v}:i\n");
        }
    }

    private static void Use(StringBuilder text, int count)
    {
        for (int v = 0; v < count; v++)
        {
            text.Append($" use v{v}\n");
        }
    }

    private void GrowsLikeTheFunction(int size, Action<StringBuilder, int> shape)
    {
        AllocationChecker.Check(Allocate(shape, Math.Min(size, 60)), _allocation);
        Allocate(shape, size);
        long work = _bundle.Work;
        MachineFunction twice = Allocate(shape, 2 * size);
        TestContext.Current.TestOutputHelper?.WriteLine($"work {work} for {size}, {_bundle.Work} for twice that");
        Assert.InRange(_bundle.Work, 0, 2.5 * work);
        new FastAllocator().Allocate(twice, _allocation);
    }

    private MachineFunction Allocate(Action<StringBuilder, int> shape, int size)
    {
        MachineFunction function = Parse(shape, size);
        Assert.True(_bundle.TryAllocate(function, _allocation), $"beyond its budget at {size}");
        return function;
    }

    private static MachineFunction Parse(Action<StringBuilder, int> shape, int size)
    {
        var text = new StringBuilder();
        shape(text, size);
        var function = new MachineFunction
        {
            AllocatableRegisters = RandomMachineFunction.Allocatable,
            CalleeSavedRegisters = RandomMachineFunction.CalleeSaved,
        };
        MachineParser.Parse(text.ToString(), new AnyOpNames(), function);
        MachineVerifier.Verify(function);
        return function;
    }
}
