using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

public sealed class LoadEliminationTests() : PassTests(new LoadElimination())
{
    [Fact]
    public void ForwardsStoreToLoadOfSameAddress() => Rewrites("""
        block0(v0: i32, v1: i32):
            store.i32 mem0 [v0+8], v1
            v2 = load.i32 mem0 [v0+8]
            return(v2)
        """, into: """
        block0(v0: i32, v1: i32):
            store.i32 mem0 [v0+8], v1
            return(v1)
        """);

    [Fact]
    public void ForwardsStoreToLoadOfGlobal() => Rewrites("""
        block0(v0: i32):
            store_context.i32 global0 [-144], v0
            v1 = load_context.i32 global0 [-144]
            return(v1)
        """, into: """
        block0(v0: i32):
            store_context.i32 global0 [-144], v0
            return(v0)
        """);

    [Fact]
    public void MakesSecondLoadTheFirst() => Rewrites("""
        block0(v0: i32):
            v1 = load.i32.u8 mem0 [v0]
            v2 = load.i32.u8 mem0 [v0]
            v3 = add.i32 v1, v2
            return(v3)
        """, into: """
        block0(v0: i32):
            v1 = load.i32.u8 mem0 [v0]
            v2 = add.i32 v1, v1
            return(v2)
        """);

    [Fact]
    public void SeesThroughAnAddressThatItReplaced() => Rewrites("""
        block0():
            v0 = load_context.i64 tablerecord0 [-64]
            v1 = load_at.i64 elements [v0+8]
            v2 = load_context.i64 tablerecord0 [-64]
            v3 = load_at.i64 elements [v2+8]
            v4 = add.i64 v1, v3
            return(v4)
        """, into: """
        block0():
            v0 = load_context.i64 tablerecord0 [-64]
            v1 = load_at.i64 elements [v0+8]
            v2 = add.i64 v1, v1
            return(v2)
        """);

    [Fact]
    public void KeepsReadOnlyLoadAcrossCall() => Rewrites("""
        block0():
            v0 = load_context.i64 readonly [-64]
            v1 = call.i64 func0() type0
            v2 = load_context.i64 readonly [-64]
            v3 = add.i64 v0, v2
            return(v3)
        """, into: """
        block0():
            v0 = load_context.i64 readonly [-64]
            v1 = call.i64 func0() type0
            v2 = add.i64 v0, v0
            return(v2)
        """);

    [Fact]
    public void KnowsInSuccessorWhatItsOnlyPredecessorKnew() => Rewrites("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            v2 = load_context.i32 global0 [-144]
            return(v2)
        block2():
            return(v1)
        """, into: """
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            return(v1)
        block2():
            return(v1)
        """);

    [Fact]
    public void KeepsOtherRegionsAcrossStore() => Rewrites("""
        block0(v0: i32, v1: i32):
            v2 = load_context.i32 global0 [-144]
            store.i32 mem0 [v0], v1
            store_context.i32 global1 [-152], v1
            v3 = load_context.i32 global0 [-144]
            v4 = add.i32 v2, v3
            return(v4)
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = load_context.i32 global0 [-144]
            store.i32 mem0 [v0], v1
            store_context.i32 global1 [-152], v1
            v3 = add.i32 v2, v2
            return(v3)
        """);

    [Fact]
    public void KeepsLoadAfterCall() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            call func0() type0
            v2 = load_context.i32 global0 [-144]
            v3 = add.i32 v1, v2
            return(v3)
        """);

    [Fact]
    public void KeepsLoadAfterBuiltin() => Leaves("""
        block0(v0: i32, v1: i64):
            v2 = load_context.i64 memrecord0 [-56]
            v3 = call_builtin.i64 memory_grow(v0, v1)
            v4 = load_context.i64 memrecord0 [-56]
            v5 = add.i64 v2, v4
            v6 = add.i64 v3, v5
            return(v6)
        """);

    [Fact]
    public void KeepsLoadAfterStoreThatMayOverlap() => Leaves("""
        block0(v0: i32, v1: i32, v2: i32):
            store.i32 mem0 [v0], v2
            store.i32.u8 mem0 [v1+1], v2
            v3 = load.i32 mem0 [v0]
            return(v3)
        """);

    [Fact]
    public void KeepsLoadAfterNarrowStore() => Leaves("""
        block0(v0: i32, v1: i32):
            store.i32.u8 mem0 [v0], v1
            v2 = load.i32.u8 mem0 [v0]
            return(v2)
        """);

    [Fact]
    public void KeepsLoadOfOtherWidthOrSign() => Leaves("""
        block0(v0: i32):
            v1 = load.i32.u8 mem0 [v0]
            v2 = load.i32.s8 mem0 [v0]
            v3 = load.i32.u16 mem0 [v0]
            v4 = load.i64.u8 mem0 [v0]
            v5 = add.i32 v1, v2
            v6 = add.i32 v3, v5
            v7 = wrap.i32 v4
            v8 = add.i32 v6, v7
            return(v8)
        """);

    [Fact]
    public void KeepsLoadOfOtherTypeThanStored() => Leaves("""
        block0(v0: i32, v1: f32):
            store.f32 mem0 [v0], v1
            v2 = load.i32 mem0 [v0]
            return(v2)
        """);

    [Fact]
    public void KeepsLoadOfOtherOffset() => Leaves("""
        block0(v0: i32):
            v1 = load.i32 mem0 [v0]
            v2 = load.i32 mem0 [v0+4]
            v3 = add.i32 v1, v2
            return(v3)
        """);

    [Fact]
    public void KeepsLoadWhereTwoWaysMeet() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            store_context.i32 global0 [-144], v0
            jump block2()
        block2():
            v2 = load_context.i32 global0 [-144]
            v3 = add.i32 v1, v2
            return(v3)
        """);

    [Fact]
    public void KeepsLoadInLoopThatStores() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            jump block1()
        block1(): loop depth 1
            v2 = load_context.i32 global0 [-144]
            store_context.i32 global0 [-144], v1
            branch v2, block1(), block2()
        block2():
            return(v2)
        """);

    [Fact]
    public void KeepsLoadInElseArmOfWhatThenArmStored() => Leaves("""
        block0(v0: i32):
            branch v0, block1(), block2()
        block1():
            store_context.i32 global0 [-144], v0
            return(v0)
        block2():
            v1 = load_context.i32 global0 [-144]
            return(v1)
        """);

    [Fact]
    public void KeepsLoadAfterStoreThroughOtherImportOfOneGlobal() => Leaves("""
        block0(v0: i64, v1: i64, v2: i32):
            v3 = load_at.i32 imported_globals [v0]
            store_at.i32 imported_globals [v1], v2
            v4 = load_at.i32 imported_globals [v0]
            v5 = add.i32 v3, v4
            return(v5)
        """);

    [Fact]
    public void KnowsInElseArmWhatCameBeforeTheBranch() => Rewrites("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            store_context.i32 global0 [-144], v0
            return(v1)
        block2():
            v2 = load_context.i32 global0 [-144]
            return(v2)
        """, into: """
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            store_context.i32 global0 [-144], v0
            return(v1)
        block2():
            return(v1)
        """);

    [Fact]
    public void KnowsWhereTwoWaysMeetWhatNeitherWrites() => Rewrites("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            store_context.i32 global1 [-152], v0
            jump block3()
        block2():
            store.i32 mem0 [v0], v0
            jump block3()
        block3():
            v2 = load_context.i32 global0 [-144]
            v3 = load_context.i32 global1 [-152]
            v4 = add.i32 v2, v3
            return(v4)
        """, into: """
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            store_context.i32 global1 [-152], v0
            jump block3()
        block2():
            store.i32 mem0 [v0], v0
            jump block3()
        block3():
            v2 = load_context.i32 global1 [-152]
            v3 = add.i32 v1, v2
            return(v3)
        """);

    [Fact]
    public void KeepsLoadWhereTwoWaysMeetThatBothLoaded() => Leaves("""
        block0(v0: i32):
            branch v0, block1(), block2()
        block1():
            v1 = load_context.i32 global0 [-144]
            jump block3(v1)
        block2():
            v2 = load_context.i32 global0 [-144]
            jump block3(v2)
        block3(v3: i32):
            v4 = load_context.i32 global0 [-144]
            v5 = add.i32 v3, v4
            return(v5)
        """);

    [Fact]
    public void KeepsLoadWhereTwoWaysMeetBehindCall() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            branch v0, block1(), block2()
        block1():
            call func0() type0
            jump block3()
        block2():
            jump block3()
        block3():
            v2 = load_context.i32 global0 [-144]
            v3 = add.i32 v1, v2
            return(v3)
        """);

    [Fact]
    public void KnowsInLoopWhatItDoesNotWrite() => Rewrites("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            jump block1()
        block1(): loop depth 1
            v2 = load_context.i32 global0 [-144]
            store_context.i32 global1 [-152], v2
            v3 = load_context.i32 global1 [-152]
            branch v3, block1(), block2()
        block2():
            v4 = load_context.i32 global0 [-144]
            return(v4)
        """, into: """
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            jump block1()
        block1(): loop depth 1
            store_context.i32 global1 [-152], v1
            branch v1, block1(), block2()
        block2():
            return(v1)
        """);

    [Fact]
    public void KeepsLoadInLoopWhoseInnerLoopStores() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i32 global0 [-144]
            jump block1()
        block1(): loop depth 1
            v2 = load_context.i32 global0 [-144]
            jump block2()
        block2(): loop depth 2
            branch v2, block1(), block3()
        block3(): depth 2
            store_context.i32 global0 [-144], v0
            branch v0, block2(), block4()
        block4():
            return(v1)
        """);

    [Fact]
    public void KeepsLoadInLoopThatCallsBehindIt() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 tablerecord0 [-64]
            jump block1()
        block1(): loop depth 1
            v2 = load_context.i64 tablerecord0 [-64]
            call func0() type0
            v3 = wrap.i32 v2
            branch v3, block1(), block2()
        block2():
            v4 = load_context.i64 tablerecord0 [-64]
            v5 = add.i64 v1, v4
            return(v5)
        """);

    [Fact]
    public void KeepsLoadBehindLoopOfWhatItStores() => Leaves("""
        block0(v0: i32):
            v1 = load.i32 mem0 [v0]
            jump block1(v0)
        block1(v2: i32): loop depth 1
            store.i32 mem0 [v2], v1
            v3 = load.i32 mem0 [v2+4]
            branch v3, block1(v3), block2()
        block2():
            v4 = load.i32 mem0 [v0]
            return(v4)
        """);

    [Fact]
    public void KeepsReadOnlyAroundLoopThatCalls() => Rewrites("""
        block0():
            v0 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            call func0() type0
            v1 = load_context.i64 readonly [-64]
            v2 = wrap.i32 v1
            branch v2, block1(), block2()
        block2():
            return(v0)
        """, into: """
        block0():
            v0 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            call func0() type0
            v1 = wrap.i32 v0
            branch v1, block1(), block2()
        block2():
            return(v0)
        """);

    [Fact]
    public void KeepsOtherRangesOfOneAddressAcrossStore() => Rewrites("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+4]
            v3 = load.i32 mem0 [v0+12]
            store.i32 mem0 [v0+8], v1
            v4 = load.i32 mem0 [v0+4]
            v5 = load.i32 mem0 [v0+12]
            v6 = add.i32 v2, v4
            v7 = add.i32 v3, v5
            v8 = add.i32 v6, v7
            return(v8)
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+4]
            v3 = load.i32 mem0 [v0+12]
            store.i32 mem0 [v0+8], v1
            v4 = add.i32 v2, v2
            v5 = add.i32 v3, v3
            v6 = add.i32 v4, v5
            return(v6)
        """);

    [Fact]
    public void KeepsOverlappingRangesOfOneAddressAcrossStore() => Leaves("""
        block0(v0: i32, v1: i64):
            v2 = load.i32 mem0 [v0+4]
            v3 = load.i64 mem0 [v0+14]
            store.i64 mem0 [v0+7], v1
            v4 = load.i32 mem0 [v0+4]
            v5 = load.i64 mem0 [v0+14]
            store.i64.u8 mem0 [v0+21], v1
            v6 = load.i64 mem0 [v0+14]
            v7 = add.i32 v2, v4
            v8 = add.i64 v3, v5
            v9 = add.i64 v8, v6
            v10 = zero_extend.i64 v7
            v11 = add.i64 v9, v10
            return(v11)
        """);

    [Fact]
    public void KeepsRangesOfOtherAddressAcrossStore() => Leaves("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+4]
            store.i32 mem0 [v1+8], v1
            v3 = load.i32 mem0 [v0+4]
            v4 = add.i32 v2, v3
            return(v4)
        """);

    [Fact]
    public void KeepsOtherRangesOfOneCheckedAddressAcrossStore() => Rewrites("""
        block0(v0: i64, v1: i32):
            v2 = const.i64 8
            v3 = add.i64 v0, v2
            v4 = load_at.i32 mem1 [v0]
            store_at.i32 mem1 [v3], v1
            v5 = load_at.i32 mem1 [v0]
            v6 = load_at.i32 mem1 [v0+8]
            v7 = add.i32 v4, v5
            v8 = add.i32 v6, v7
            return(v8)
        """, into: """
        block0(v0: i64, v1: i32):
            v2 = const.i64 8
            v3 = add.i64 v0, v2
            v4 = load_at.i32 mem1 [v0]
            store_at.i32 mem1 [v3], v1
            v5 = add.i32 v4, v4
            v6 = add.i32 v1, v5
            return(v6)
        """);

    [Fact]
    public void KeepsWhatThenArmStoredOutOfElseArmAndJoin() => Leaves("""
        block0(v0: i32):
            store.i32 mem0 [v0+8], v0
            branch v0, block1(), block2()
        block1():
            store.i32 mem0 [v0], v0
            v1 = load.i32 mem0 [v0+16]
            jump block3(v1)
        block2():
            v2 = load.i32 mem0 [v0]
            jump block3(v2)
        block3(v3: i32):
            v4 = load.i32 mem0 [v0]
            v5 = load.i32 mem0 [v0+16]
            v6 = add.i32 v3, v4
            v7 = add.i32 v5, v6
            return(v7)
        """);

    [Fact]
    public void KeepsLoadInLoopWhereTheGuestMayBeSuspended() => Leaves("""
        block0(v0: i32):
            v1 = load_context.i64 tablerecord0 [-64]
            jump block1()
        block1(): loop depth 1
            stack_check
            v2 = load_context.i64 tablerecord0 [-64]
            v3 = wrap.i32 v2
            branch v3, block1(), block2()
        block2():
            return(v1)
        """);

    [Fact]
    public void KeepsReadOnlyAroundLoopWhereTheGuestMayBeSuspended() => Rewrites("""
        block0():
            v0 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            stack_check
            v1 = load_context.i64 readonly [-64]
            v2 = wrap.i32 v1
            branch v2, block1(), block2()
        block2():
            return(v0)
        """, into: """
        block0():
            v0 = load_context.i64 readonly [-64]
            jump block1()
        block1(): loop depth 1
            stack_check
            v1 = wrap.i32 v0
            branch v1, block1(), block2()
        block2():
            return(v0)
        """);
}
