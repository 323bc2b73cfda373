using System.Diagnostics;
using System.Text;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>
/// Shapes that make naive allocators quadratic. Either the bundle allocator does it within its budget or it says so, and the fast
/// one does it. The time limit is generous: quadratic work takes minutes.
/// </summary>
public sealed class HostileShapeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void TenThousandBlocksInARow()
    {
        var text = new StringBuilder("block0:\n a =v0:i\n jump -> block1(v0)\n");
        for (int b = 1; b < 10_000; b++)
        {
            text.Append($"block{b}(v{b}:i):\n use v0, v{b}\n jump -> block{b + 1}(v{b})\n");
        }

        text.Append("block10000(v10000:i):\n return v0@rax\n");
        Allocate(text.ToString());
    }

    [Fact]
    public void ThirtyThousandValuesLiveAtOnce()
    {
        var text = new StringBuilder("block0:\n");
        for (int v = 0; v < 30_000; v++)
        {
            text.Append($" a =v{v}:i\n");
        }

        for (int v = 0; v < 30_000; v++)
        {
            text.Append($" use v{v}\n");
        }

        text.Append(" return\n");
        Allocate(text.ToString());
    }

    [Fact]
    public void ThousandValuesLiveThroughThousandBlocksWithCalls()
    {
        var text = new StringBuilder("block0:\n");
        for (int v = 0; v < 1000; v++)
        {
            text.Append($" a =v{v}:i\n");
        }

        text.Append(" jump -> block1\n");
        for (int b = 1; b <= 1000; b++)
        {
            text.Append($"block{b}: depth 1\n call.call v{b - 1}@rdi clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10\n use v{1000 - b}\n");
            text.Append($" jump -> block{b + 1}\n");
        }

        text.Append("block1001:\n");
        for (int v = 0; v < 1000; v++)
        {
            text.Append($" use v{v}\n");
        }

        text.Append(" return\n");
        Allocate(text.ToString());
    }

    [Fact]
    public void OneValueUsedTwentyThousandTimesAcrossCalls()
    {
        var text = new StringBuilder("block0:\n a =v0:i\n");
        for (int i = 0; i < 20_000; i++)
        {
            text.Append(" use v0\n call.call v0@rdi clobbers rax, rcx, rdx, rbx, rsi, rdi, r8, r9, r10, r12, r13, r14\n");
        }

        text.Append(" return\n");
        Allocate(text.ToString());
    }

    [Fact]
    public void LoopWithThousandParametersThatRotate()
    {
        var text = new StringBuilder("block0:\n");
        for (int v = 0; v < 1000; v++)
        {
            text.Append($" a =v{v}:i\n");
        }

        string entering = string.Join(", ", Enumerable.Range(0, 1000).Select(v => $"v{v}"));
        string parameters = string.Join(", ", Enumerable.Range(1000, 1000).Select(v => $"v{v}:i"));
        string rotated = string.Join(", ", Enumerable.Range(0, 1000).Select(v => $"v{1000 + ((v + 1) % 1000)}"));
        text.Append($" jump -> block1({entering})\nblock1({parameters}): depth 1 header\n use v1000, v1999\n");
        text.Append($" branch -> block2, block3\nblock2: depth 1\n jump -> block1({rotated})\nblock3:\n return\n");
        Allocate(text.ToString());
    }

    [Fact]
    public void TableWithTenThousandTargets()
    {
        string targets = string.Join(", ", Enumerable.Range(1, 10_000).Select(b => $"block{b}"));
        var text = new StringBuilder($"block0:\n a =v0:i, =v1:i, =v2:i\n table v0 -> {targets}\n");
        for (int b = 1; b <= 10_000; b++)
        {
            text.Append($"block{b}:\n jump -> block10001(v{b % 3})\n");
        }

        text.Append("block10001(v3:i):\n return v3@rax\n");
        Allocate(text.ToString());
    }

    private static void Allocate(string text)
    {
        var function = new MachineFunction
        {
            AllocatableRegisters = RandomMachineFunction.Allocatable,
            CalleeSavedRegisters = RandomMachineFunction.CalleeSaved,
        };
        MachineParser.Parse(text, new AnyOpNames(), function);
        var allocation = new Compiler.Allocation.Allocation();
        long start = Stopwatch.GetTimestamp();
        bool within = new BundleAllocator().TryAllocate(function, allocation);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Limit);
        if (within && function.Blocks.Count <= 100)
        {
            AllocationChecker.Check(function, allocation);
        }

        start = Stopwatch.GetTimestamp();
        new FastAllocator().Allocate(function, allocation);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Limit);
        TestContext.Current.TestOutputHelper?.WriteLine($"within budget: {within}");
    }
}
