using Wisp.Abi;

namespace Wisp.Compiler.Tests.Selection;

// With and without AVX: what is tied, and what may be a memory operand.
public sealed class VectorTests
{
    private const CpuFeatures Avx2 = CpuFeatures.Avx | CpuFeatures.Avx2;

    [Fact]
    public void TiesResultWithoutAvx() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = i32x4.sub v0, v1
            return (v2)
        """, into: """
        block0:
            Psubd v0, v1, =v2:v~0
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void GivesResultAPlaceOfItsOwnWithAvx() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = i32x4.sub v0, v1
            return (v2)
        """, features: Avx2, into: """
        block0:
            Psubd v0, v1?, =v2:v
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void FoldsLoadWithAvx() => Selections.Check("""
        block0(v0: i32, v1: v128):
            v2 = load.v128 mem0 [v0+16]
            v3 = i32x4.add v2, v1
            return (v3)
        """, features: Avx2, into: """
        block0:
            Paddd v1, v0, =v2:v {base=254 index=1 disp=16 trap=2}
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void KeepsLoadThatMayBeUnalignedWithoutAvx() => Selections.Check("""
        block0(v0: i32, v1: v128):
            v2 = load.v128 mem0 [v0+16]
            v3 = i32x4.add v2, v1
            return (v3)
        """, into: """
        block0:
            Movups v0, =v2:v {base=254 index=0 disp=16 trap=2}
            Paddd.swap v2, v1, =v3:v~0
            Return v3@xmm0 {size=8}
        """);

    [Fact]
    public void KeepsLoadOfWhichHalfIsRead() => Selections.Check("""
        block0(v0: i32):
            v1 = load.v128 mem0 [v0]
            v2 = i16x8.extend_low_i8x16_u v1
            return (v2)
        """, features: Avx2, into: """
        block0:
            Movups v0, =v1:v {base=254 index=0 trap=2}
            Pmovzxbw v1?, =v2:v
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void ReadsConstantFromThePool() => Selections.Check("""
        block0(v0: v128):
            v1 = const_vector.v128 0x00000001000000010000000100000001
            v2 = i32x4.add v1, v0
            v3 = v128.not v2
            return (v3)
        """, into: """
        block0:
            Paddd v0, =v1:v~0 {base=253}
            Pxor v1, =v2:v~0 {base=253 disp=1}
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void PutsLoadedLaneIn() => Selections.Check("""
        block0(v0: i32, v1: v128):
            v2 = load.i32.u8 mem0 [v0]
            v3 = i8x16.replace_lane v1, v2, 9
            v4 = load.i64 mem0 [v0+8]
            v5 = i64x2.replace_lane v3, v4, 1
            return (v5)
        """, into: """
        block0:
            Pinsrb v1, v0, =v2:v~0 {base=254 index=1 imm=9 trap=2}
            Movhpd v2, v0, =v3:v~0 {base=254 index=1 disp=8 trap=2}
            Return v3@xmm0 {size=8}
        """);

    [Fact]
    public void KeepsLoadOfAnotherWidthThanTheLane() => Selections.Check("""
        block0(v0: i32, v1: v128):
            v2 = load.i32 mem0 [v0]
            v3 = i8x16.replace_lane v1, v2, 9
            return (v3)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 trap=2}
            Pinsrb v1, v2?, =v3:v~0 {imm=9}
            Return v3@xmm0 {size=8}
        """);

    [Fact]
    public void StoresLaneFromItsVector() => Selections.Check("""
        block0(v0: i32, v1: v128):
            v2 = i16x8.extract_lane_u v1, 3
            store.i32.u16 mem0 [v0], v2
            v3 = i32x4.extract_lane v1, 0
            store.i32 mem0 [v0+4], v3
            v4 = i64x2.extract_lane v1, 1
            store.i64 mem0 [v0+8], v4
            return (v0)
        """, into: """
        block0:
            Pextrw v1, v0 {base=254 index=1 imm=3 trap=2}
            StoreFloat v1, v0 {size=4 base=254 index=1 disp=4 trap=2}
            MovhpdStore v1, v0 {base=254 index=1 disp=8 trap=2}
            Return v0@rax {size=8}
        """);

    [Fact]
    public void BroadcastsFromMemoryWithAvx2() => Selections.Check("""
        block0(v0: i32):
            v1 = load.i32.u8 mem0 [v0]
            v2 = i8x16.splat v1
            return (v2)
        """, features: Avx2, into: """
        block0:
            Vpbroadcastb v0, =v1:v {base=254 index=0 trap=2}
            Return v1@xmm0 {size=8}
        """);

    [Fact]
    public void BranchesOnVectorTest() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = v128.and v0, v1
            v3 = v128.any_true v2
            v4 = is_zero.i32 v3
            branch v4, block1(), block2()
        block1():
            trap unreachable
        block2():
            v5 = i16x8.all_true v0
            return (v5)
        """, into: """
        block0:
            VectorTestBranch v0, v1 {cond=4} -> block1, block2
        block1:
            Trap {size=8 trap=1}
        block2:
            LoadZeroFloat.const =v3:v {size=8}
            Pcmpeqw v3, v0, =v4:v~0
            VectorTestSet v4, v4, =v2:i {cond=4}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void BlendsWhereTheMaskIsAComparison() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = f32x4.lt v0, v1
            v3 = v128.bitselect v0, v1, v2
            return (v3)
        """, features: Avx2, into: """
        block0:
            Cmpps v0, v1?, =v2:v {imm=1}
            Vpblendvb v1, v0?, v2, =v3:v
            Return v3@xmm0 {size=8}
        """);

    [Fact]
    public void ShufflesByTheCheapestInstruction() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = i8x16.shuffle v0, v0, 0x03020100070605040b0a09080f0e0d0c
            v3 = i8x16.shuffle v2, v2, 0x030201000f0e0d0c0b0a090807060504
            v4 = i8x16.shuffle v3, v1, 0x17071606150514041303120211011000
            v5 = i8x16.shuffle v1, v4, 0x1211100f0e0d0c0b0a09080706050403
            v6 = i8x16.shuffle v5, v1, 0x1f1e0d0c1b1a09081716050413120100
            v7 = i8x16.shuffle v6, v1, 0x1f1e1d1c131211100706050407060504
            v8 = i8x16.shuffle v7, v7, 0x0c0d0e0f08090a0b0405060700010203
            v9 = i8x16.shuffle v8, v1, 0x001f1e1d1c1b1a000706050402010010
            return (v9)
        """, features: Avx2, into: """
        block0:
            Pshufd v0?, =v2:v {imm=27}
            Pshufd v2?, =v3:v {imm=57}
            Punpcklbw v3, v1?, =v4:v
            Palignr v4, v1?, =v5:v {imm=3}
            Pblendw v5, v1?, =v6:v {imm=170}
            Shufps v6, v1?, =v7:v {imm=197}
            Pshufb v7, =v8:v {base=253}
            Pshufb v8, =v10:v {base=253 disp=1}
            Pshufb v1, =v11:v {base=253 disp=2}
            Por v10, v11?, =v9:v
            Return v9@xmm0 {size=8}
        """);

    [Fact]
    public void BlendsBytesThatStayInPlaceWithAvx() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = i8x16.shuffle v0, v1, 0x0f1e0d1c0b1a09180716051403120110
            return (v2)
        """, features: Avx2, into: """
        block0:
            LoadConstant.const =v3:v {size=16}
            Vpblendvb v0, v1?, v3, =v2:v
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void ComparesWithConstantInThePool() => Selections.Check("""
        block0(v0: v128):
            v1 = const_vector.v128 0x00000001000000010000000100000001
            v2 = i32x4.lt_u v0, v1
            return (v2)
        """, into: """
        block0:
            Pmaxud v0, =v2:v~0 {base=253}
            Pcmpeqd.swap v2, v0, =v3:v~0
            Pxor v3, =v1:v~0 {base=253 disp=1}
            Return v1@xmm0 {size=8}
        """);

    [Fact]
    public void AsksForNanBesideTheMinimum() => Selections.Check("""
        block0(v0: v128, v1: v128):
            v2 = f32x4.min v0, v1
            return (v2)
        """, features: Avx2, into: """
        block0:
            Minps v0, v1?, =v3:v
            Minps v1, v0?, =v4:v
            Orps v3, v4?, =v5:v
            Cmpps v0, v1?, =v6:v {imm=3}
            Orps v5, v6?, =v7:v
            PsrldImmediate v6, =v8:v {imm=10}
            Andnps v8, v7?, =v2:v
            Return v2@xmm0 {size=8}
        """);

    [Fact]
    public void ShufflesWithZerosByOneInstruction() => Selections.Check("""
        block0(v0: v128):
            v1 = const_vector.v128 0x00000000000000000000000000000000
            v2 = i8x16.shuffle v0, v1, 0x1007101010061010100510101004100f
            return (v2)
        """, into: """
        block0:
            Pshufb v0, =v1:v~0 {base=253}
            Return v1@xmm0 {size=8}
        """);

    [Fact]
    public void ShiftsBytesByConstant() => Selections.Check("""
        block0(v0: v128):
            v1 = const.i32 11
            v2 = i8x16.shl v0, v1
            v3 = i8x16.shr_s v2, v1
            v4 = const.i32 7
            v5 = i8x16.shr_s v3, v4
            return (v5)
        """, into: """
        block0:
            PsllwImmediate v0, =v2:v~0 {imm=3}
            Pand v2, =v1:v~0 {base=253}
            PsrlwImmediate v1, =v4:v~0 {imm=3}
            Pand v4, =v5:v~0 {base=253 disp=1}
            Pxor v5, =v6:v~0 {base=253 disp=2}
            Psubb v6, =v3:v~0 {base=253 disp=2}
            LoadZeroFloat.const =v8:v {size=8}
            Pcmpgtb v8, v3, =v7:v~0
            Return v7@xmm0 {size=8}
        """);

    [Fact]
    public void SelectsVectorsByAJump() => Selections.Check("""
        block0(v0: i32, v1: v128, v2: v128):
            v3 = select.v128 v0, v1, v2
            return (v3)
        """, into: """
        block0:
            CompareSelectFloatImmediate v0?, v1, v2, =v3:v~2 {size=4 cond=5}
            Return v3@xmm0 {size=8}
        """);
}
