using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

public sealed class InvariantLoadsTests() : PassTests(new InvariantLoads())
{
    [Fact]
    public void LoadsBaseOfImportedMemoryBeforeLoop() => Rewrites("""
        block0(v0: i32):
            jump block1(v0)
        block1(v1: i32): loop depth 1
            stack_check
            v2 = load_context.i64 readonly [-64]
            v3 = load_at.i64 readonly [v2]
            v4 = zero_extend.i64 v1
            v5 = add.i64 v3, v4
            v6 = load_at.i32 mem0 [v5]
            call func0() type0
            branch v6, block1(v6), block2()
        block2():
            return(v6)
        """, into: """
        block0(v0: i32):
            jump block1()
        block1():
            v1 = load_context.i64 readonly [-64]
            v2 = load_at.i64 readonly [v1]
            jump block2(v0)
        block2(v3: i32): loop depth 1
            stack_check
            v4 = load_context.i64 readonly [-64]
            v5 = zero_extend.i64 v3
            v6 = add.i64 v2, v5
            v7 = load_at.i32 mem0 [v6]
            call func0() type0
            branch v7, block2(v7), block3()
        block3():
            return(v7)
        """);

    [Fact]
    public void LoadsOnceBeforeTheOutermostLoop() => Rewrites("""
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            v2 = load_at.i64 memrecord0 [v1+8]
            v3 = wrap.i32 v2
            jump block2()
        block2(): loop depth 2
            v4 = load_at.i64 memrecord0 [v1+8]
            v5 = wrap.i32 v4
            branch v5, block2(), block3()
        block3(): depth 1
            branch v3, block1(), block4()
        block4():
            return()
        """, into: """
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            jump block1()
        block1():
            v2 = load_context.i64 readonly [-64]
            v3 = load_at.i64 memrecord0 [v2+8]
            jump block2()
        block2(): loop depth 1
            v4 = wrap.i32 v3
            jump block3()
        block3(): loop depth 2
            v5 = wrap.i32 v3
            branch v5, block3(), block4()
        block4(): depth 1
            branch v4, block2(), block5()
        block5():
            return()
        """);

    [Fact]
    public void LoadsBeforeTheInnerLoopWhatTheOuterWrites() => Rewrites("""
        block0(v0: i32, v1: i64):
            v2 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            store_at.i32 imported_globals [v1], v0
            jump block2()
        block2(): loop depth 2
            v3 = load_at.i32 imported_globals [v2]
            branch v3, block2(), block3()
        block3(): depth 1
            branch v0, block1(), block4()
        block4():
            return()
        """, into: """
        block0(v0: i32, v1: i64):
            v2 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            store_at.i32 imported_globals [v1], v0
            jump block2()
        block2(): depth 1
            v3 = load_context.i64 readonly [-64]
            v4 = load_at.i32 imported_globals [v3]
            jump block3()
        block3(): loop depth 2
            branch v4, block3(), block4()
        block4(): depth 1
            branch v0, block1(), block5()
        block5():
            return()
        """);

    [Fact]
    public void LoadsAFewAtMost() => Rewrites("""
        block0(v0: i32):
            jump block1()
        block1(): loop depth 1
            v1 = load_context.i64 readonly [-64]
            v2 = load_at.i32 readonly [v1]
            v3 = load_at.i32 readonly [v1+4]
            v4 = load_at.i32 readonly [v1+8]
            v5 = load_at.i32 readonly [v1+12]
            v6 = load_at.i32 readonly [v1+16]
            v7 = add.i32 v2, v3
            v8 = add.i32 v4, v5
            v9 = add.i32 v6, v7
            v10 = add.i32 v8, v9
            branch v10, block1(), block2()
        block2():
            return()
        """, into: """
        block0(v0: i32):
            jump block1()
        block1():
            v1 = load_context.i64 readonly [-64]
            v2 = load_at.i32 readonly [v1+12]
            v3 = load_context.i64 readonly [-64]
            v4 = load_at.i32 readonly [v3+8]
            v5 = load_context.i64 readonly [-64]
            v6 = load_at.i32 readonly [v5+4]
            v7 = load_context.i64 readonly [-64]
            v8 = load_at.i32 readonly [v7]
            jump block2()
        block2(): loop depth 1
            v9 = load_context.i64 readonly [-64]
            v10 = load_at.i32 readonly [v9+16]
            v11 = add.i32 v8, v6
            v12 = add.i32 v4, v2
            v13 = add.i32 v10, v11
            v14 = add.i32 v12, v13
            branch v14, block2(), block3()
        block3():
            return()
        """);

    [Fact]
    public void KeepsLoadInLoopThatCalls() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            v2 = load_at.i64 memrecord0 [v1+8]
            call func0() type0
            v3 = wrap.i32 v2
            branch v3, block1(), block2()
        block2():
            return()
        """);

    [Fact]
    public void KeepsLoadOfGlobalInLoopThatWritesSome() => Leaves("""
        block0(v0: i32, v1: i64):
            v2 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            v3 = load_at.i32 imported_globals [v2]
            store_at.i32 imported_globals [v1], v0
            branch v3, block1(), block2()
        block2():
            return()
        """);

    [Fact]
    public void KeepsLoadThatMayTrap() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            v2 = load_at.i32 mem1 [v1]
            branch v2, block1(), block2()
        block2():
            return()
        """);

    [Fact]
    public void KeepsLoadThroughPointerThatMayBeNull() => Leaves("""
        block0(v0: i64):
            jump block1()
        block1(): loop depth 1
            v1 = is_zero.i32 v0
            trap_if v1, null_reference
            v2 = load_at.i32 readonly [v0+8]
            branch v2, block1(), block2()
        block2():
            return()
        """);

    [Fact]
    public void KeepsWhatIsInTheContext() => Leaves("""
        block0(v0: i32):
            jump block1()
        block1(): loop depth 1
            v1 = load_context.i32 global0 [-144]
            v2 = load_context.i64 tablerecord0 [-64]
            v3 = wrap.i32 v2
            v4 = add.i32 v1, v3
            branch v4, block1(), block2()
        block2():
            return()
        """);

    [Fact]
    public void KeepsLoadOutsideOfLoops() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            v2 = load_at.i64 memrecord0 [v1+8]
            jump block1()
        block1(): loop depth 1
            branch v0, block1(), block2()
        block2():
            v3 = load_at.i64 memrecord0 [v1+8]
            v4 = add.i64 v2, v3
            return(v4)
        """);

    [Fact]
    public void KeepsLoadInLoopWithTwoWaysIn() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            branch v0, block1(), block2()
        block1():
            jump block2()
        block2(): loop depth 1
            v2 = load_at.i32 readonly [v1]
            branch v2, block2(), block3()
        block3():
            return()
        """);

    [Fact]
    public void KeepsLoadInLoopWhereTheGuestMayBeSuspended() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            stack_check
            v2 = load_at.i64 tablerecord0 [v1]
            v3 = wrap.i32 v2
            branch v3, block1(), block2()
        block2():
            return()
        """);
}
