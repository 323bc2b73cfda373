using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

namespace Wisp.Compiler.Tests.Allocation;

public sealed class LivenessTests
{
    private const string Loop = """
        block0:
            a =v0:i, =v1:i
            jump -> block1(v0)
        block1(v2:i): depth 1 header
            add v2, =v3:i~0
            branch v3 -> block2, block3
        block2: depth 1
            jump -> block1(v3)
        block3:
            use v1
            return
        """;

    private readonly MachineFunction _function = new();
    private readonly Liveness _liveness = new();

    [Fact]
    public void ValueUsedBehindALoopLivesThroughIt()
    {
        Compute(Loop, long.MaxValue);
        Assert.Equal([1], LiveIn(1));
        Assert.Equal([1, 3], LiveIn(2));
        Assert.Equal([1], LiveIn(3));
    }

    [Fact]
    public void ParametersAndArgumentsAreNotLiveIn()
    {
        Compute(Loop, long.MaxValue);
        Assert.False(_liveness.IsLiveIn(1, 0));   // dies on the edge
        Assert.False(_liveness.IsLiveIn(1, 2));   // born at the block
    }

    [Fact]
    public void BudgetIsKept()
    {
        MachineParser.Parse(Loop, new AnyOpNames(), _function);
        Assert.False(_liveness.TryCompute(_function, 3));
        Assert.True(_liveness.TryCompute(_function, 4));
    }

    [Fact]
    public void OneObjectServesManyFunctions()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            MachineFunction function = RandomMachineFunction.Make(seed);
            var fresh = new Liveness();
            Assert.True(fresh.TryCompute(function, long.MaxValue));
            Assert.True(_liveness.TryCompute(function, long.MaxValue));
            Assert.Equal(fresh.LiveInCount, _liveness.LiveInCount);
            for (int b = 0; b < function.Blocks.Count; b++)
            {
                Assert.Equal(fresh.LiveIn(b).ToArray(), _liveness.LiveIn(b).ToArray());
            }
        }
    }

    private void Compute(string text, long budget)
    {
        MachineParser.Parse(text, new AnyOpNames(), _function);
        Assert.True(_liveness.TryCompute(_function, budget));
    }

    private int[] LiveIn(int block)
    {
        var vregs = new GrowableArray<int>();
        _liveness.AppendLiveIn(block, vregs);
        return [.. vregs.Span.ToArray().Order()];
    }
}
