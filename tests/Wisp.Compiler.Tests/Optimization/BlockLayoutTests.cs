using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

public sealed class BlockLayoutTests() : PassTests(new BlockLayout())
{
    [Fact]
    public void MovesTrapBehindEverything() => Rewrites("""
        block0(v0: i32):
            branch v0, block1(), block2()
        block1():
            trap unreachable
        block2():
            return()
        """, into: """
        block0(v0: i32):
            branch v0, block2(), block1()
        block1():
            return()
        block2(): cold
            trap unreachable
        """);

    [Fact]
    public void MovesBlocksThatOnlyLeadToTraps() => Rewrites("""
        block0(v0: i32):
            branch v0, block1(), block4()
        block1():
            branch v0, block2(), block3()
        block2():
            trap unreachable
        block3():
            trap unreachable
        block4():
            return()
        """, into: """
        block0(v0: i32):
            branch v0, block2(), block1()
        block1():
            return()
        block2(): cold
            branch v0, block3(), block4()
        block3(): cold
            trap unreachable
        block4(): cold
            trap unreachable
        """);

    [Fact]
    public void KeepsTheEntryFirst() => Rewrites("""
        block0(v0: i32):
            jump block1()
        block1():
            trap unreachable
        """, into: """
        block0(v0: i32): cold
            jump block1()
        block1(): cold
            trap unreachable
        """);

    [Fact]
    public void KeepsLoopThatMayEnd() => Leaves("""
        block0(v0: i32):
            jump block1()
        block1(): loop depth 1
            branch v0, block1(), block2()
        block2():
            return()
        """);

    [Fact]
    public void KeepsLoopWithoutEnd() => Leaves("""
        block0(v0: i32):
            branch v0, block1(), block2()
        block1(): loop depth 1
            jump block1()
        block2():
            return()
        """);
}
