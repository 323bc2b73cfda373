using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

public sealed class RedundantParametersTests() : PassTests(new RedundantParameters())
{
    [Fact]
    public void RemovesParameterThatIsTheSameOnEveryEdge() => Rewrites("""
        block0(v0: i32):
            v1 = const.i32 1
            branch v0, block1(), block2()
        block1():
            jump block3(v0, v1)
        block2():
            jump block3(v0, v0)
        block3(v2: i32, v3: i32):
            v4 = add.i32 v2, v3
            return(v4)
        """, into: """
        block0(v0: i32):
            v1 = const.i32 1
            branch v0, block1(), block2()
        block1():
            jump block3(v1)
        block2():
            jump block3(v0)
        block3(v2: i32):
            v3 = add.i32 v0, v2
            return(v3)
        """);

    [Fact]
    public void RemovesLoopParameterThatOnlyComesBackItself() => Rewrites("""
        block0(v0: i32):
            jump block1(v0, v0)
        block1(v1: i32, v2: i32): loop depth 1
            v3 = add.i32 v2, v1
            branch v3, block2(), block3()
        block2(): depth 1
            jump block1(v1, v3)
        block3():
            return(v3)
        """, into: """
        block0(v0: i32):
            jump block1(v0)
        block1(v1: i32): loop depth 1
            v2 = add.i32 v1, v0
            branch v2, block2(), block3()
        block2(): depth 1
            jump block1(v2)
        block3():
            return(v2)
        """);

    [Fact]
    public void RemovesChainOfParametersThatDependOnOneAnother() => Rewrites("""
        block0(v0: i32):
            jump block1(v0)
        block1(v1: i32): loop depth 1
            branch v0, block2(v1), block4()
        block2(v2: i32): depth 1
            branch v0, block3(v2), block1(v2)
        block3(v3: i32): depth 1
            jump block1(v3)
        block4():
            return(v1)
        """, into: """
        block0(v0: i32):
            jump block1()
        block1(): loop depth 1
            branch v0, block2(), block4()
        block2(): depth 1
            branch v0, block3(), block1()
        block3(): depth 1
            jump block1()
        block4():
            return(v0)
        """);

    [Fact]
    public void KeepsParameterOfDifferentValues() => Leaves("""
        block0(v0: i32, v1: i32):
            branch v0, block1(), block2()
        block1():
            jump block3(v0)
        block2():
            jump block3(v1)
        block3(v2: i32):
            return(v2)
        """);

    [Fact]
    public void KeepsParametersThatALoopSwaps() => Leaves("""
        block0(v0: i32, v1: i32):
            jump block1(v0, v1)
        block1(v2: i32, v3: i32): loop depth 1
            branch v2, block2(), block3()
        block2(): depth 1
            jump block1(v3, v2)
        block3():
            return(v3)
        """);

    [Fact]
    public void KeepsParametersOfTheFunction() => Leaves("""
        block0(v0: i32, v1: i32):
            return()
        """);

    [Fact]
    public void KeepsBothConstantsOfEqualEdges() => Leaves("""
        block0(v0: i32):
            v1 = const.i32 1
            v2 = const.i32 2
            branch v0, block1(v1), block1(v2)
        block1(v3: i32):
            return(v3)
        """);
}
