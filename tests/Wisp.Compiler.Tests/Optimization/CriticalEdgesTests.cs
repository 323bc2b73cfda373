using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

public sealed class CriticalEdgesTests() : PassTests(new CriticalEdges())
{
    [Fact]
    public void SplitsEdgeFromBranchToJoin() => Rewrites("""
        block0(v0: i32):
            branch v0, block1(), block2(v0)
        block1():
            v1 = const.i32 1
            jump block2(v1)
        block2(v2: i32):
            return(v2)
        """, into: """
        block0(v0: i32):
            branch v0, block2(), block1()
        block1():
            jump block3(v0)
        block2():
            v1 = const.i32 1
            jump block3(v1)
        block3(v2: i32):
            return(v2)
        """);

    [Fact]
    public void SplitsBackEdgeInsideTheLoop() => Rewrites("""
        block0(v0: i32):
            jump block1(v0)
        block1(v1: i32): loop depth 1
            v2 = sub.i32 v1, v0
            branch v2, block1(v2), block2()
        block2():
            return(v2)
        """, into: """
        block0(v0: i32):
            jump block1(v0)
        block1(v1: i32): loop depth 1
            v2 = sub.i32 v1, v0
            branch v2, block2(), block3()
        block2(): depth 1
            jump block1(v2)
        block3():
            return(v2)
        """);

    [Fact]
    public void SplitsBothEdgesToOneTarget() => Rewrites("""
        block0(v0: i32):
            branch v0, block1(v0), block1(v0)
        block1(v1: i32):
            return(v1)
        """, into: """
        block0(v0: i32):
            branch v0, block1(), block2()
        block1():
            jump block3(v0)
        block2():
            jump block3(v0)
        block3(v1: i32):
            return(v1)
        """);

    [Fact]
    public void SplitsEachTableEntryOfASharedTarget() => Rewrites("""
        block0(v0: i32):
            branch_table v0, block1(), block2(), block1()
        block1():
            return(v0)
        block2():
            return(v0)
        """, into: """
        block0(v0: i32):
            branch_table v0, block1(), block4(), block2()
        block1():
            jump block3()
        block2():
            jump block3()
        block3():
            return(v0)
        block4():
            return(v0)
        """);

    [Fact]
    public void KeepsEdgesOfWhichEitherEndIsAlone() => Leaves("""
        block0(v0: i32):
            branch v0, block1(), block2()
        block1():
            jump block3(v0)
        block2():
            jump block3(v0)
        block3(v1: i32):
            return(v1)
        """);
}
