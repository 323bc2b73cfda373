using System.Runtime.CompilerServices;

namespace Wisp.Compiler.Tests.Translation;

public sealed class VectorTranslationTests
{
    [Fact]
    public void DeclaredVectorStartsAsZero() => Translates("""
        (module (func (param v128) (result v128) (local v128)
          (i32x4.sub (local.get 1) (local.get 0))))
        """, into: """
        block0(v0: v128):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const_vector.v128 0x00000000000000000000000000000000
            v6 = i32x4.sub v5, v0
            jump block1(v6)
        block1(v7: v128):
            return(v7)
        """);

    [Fact]
    public void EqualVectorsAreMadeOnce() => Translates("""
        (module (func (param v128 v128) (result v128)
          (v128.xor (i8x16.min_u (local.get 0) (local.get 1))
            (i16x8.add (i8x16.min_u (local.get 0) (local.get 1)) (v128.const i64x2 1 1)))))
        """, into: """
        block0(v0: v128, v1: v128):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = i8x16.min_u v0, v1
            v7 = const_vector.v128 0x00000000000000010000000000000001
            v8 = i16x8.add v6, v7
            v9 = v128.xor v6, v8
            jump block1(v9)
        block1(v10: v128):
            return(v10)
        """);

    [Fact]
    public void LanesInMemoryAreScalarAccesses() => Translates("""
        (module (memory 1) (func (param i32 v128) (result v128)
          (v128.store8_lane offset=4 7 (local.get 0) (local.get 1))
          (v128.load32_lane offset=8 2 (local.get 0) (v128.load16_splat (local.get 0)))))
        """, into: """
        block0(v0: i32, v1: v128):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = i8x16.extract_lane_u v1, 7
            store.i32.u8 mem0 [v0+4], v6
            v7 = load.i32.u16 mem0 [v0]
            v8 = i16x8.splat v7
            v9 = load.i32 mem0 [v0+8]
            v10 = i32x4.replace_lane v8, v9, 2
            jump block1(v10)
        block1(v11: v128):
            return(v11)
        """);

    [Fact]
    public void SplatOfConstantIsConstant() => Translates("""
        (module (func (param v128) (result v128)
          (v128.or (local.get 0) (v128.or (i16x8.splat (i32.const -2)) (f64x2.splat (f64.const 1))))))
        """, into: """
        block0(v0: v128):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const.i32 -2
            v6 = const_vector.v128 0xfffefffefffefffefffefffefffefffe
            v7 = const.f64 0x3ff0000000000000
            v8 = const_vector.v128 0x3ff00000000000003ff0000000000000
            v9 = v128.or v6, v8
            v10 = v128.or v0, v9
            jump block1(v10)
        block1(v11: v128):
            return(v11)
        """);

    [Fact]
    public void ShuffleOfOneOperandNamesItTwice() => Translates("""
        (module (func (param v128 v128) (result v128)
          (i8x16.shuffle 16 16 16 16 17 17 17 17 18 18 18 18 19 19 19 19 (local.get 0) (local.get 1))))
        """, into: """
        block0(v0: v128, v1: v128):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = i8x16.shuffle v1, v1, 0x03030303020202020101010100000000
            jump block1(v6)
        block1(v7: v128):
            return(v7)
        """);

    [Fact]
    public void ShuffleThatMovesNothingIsItsOperand() => Translates("""
        (module (func (param v128 v128) (result v128)
          (i8x16.shuffle 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 (local.get 0) (local.get 1))))
        """, into: """
        block0(v0: v128, v1: v128):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            jump block1(v1)
        block1(v6: v128):
            return(v6)
        """);

    [Fact]
    public void NumbersThatAreNotNegativeConvertAsSignedOnes() => Translates("""
        (module (memory 1) (func (param i32 v128) (result v128 v128 v128)
          (f32x4.convert_i32x4_u (v128.load16x4_u (local.get 0)))
          (f64x2.convert_low_i32x4_u (i32x4.shr_u (local.get 1) (i32.const 8)))
          (f32x4.convert_i32x4_u (i32x4.shr_u (local.get 1) (i32.const 32)))))
        """, into: """
        block0(v0: i32, v1: v128):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = load.v128.u16x4 mem0 [v0]
            v7 = f32x4.convert_i32x4_s v6
            v8 = const.i32 8
            v9 = i32x4.shr_u v1, v8
            v10 = f64x2.convert_low_i32x4_s v9
            v11 = const.i32 32
            v12 = i32x4.shr_u v1, v11
            v13 = f32x4.convert_i32x4_u v12
            jump block1(v7, v10, v13)
        block1(v14: v128, v15: v128, v16: v128):
            return(v14, v15, v16)
        """);

    [Fact]
    public void ShuffleOfAShuffleIsOne() => Translates("""
        (module (func (param v128) (result v128) (local v128)
          (local.set 1 (i8x16.shuffle 2 3 0 1 6 7 4 5 8 9 10 11 12 13 14 15 (local.get 0) (local.get 0)))
          (i8x16.shuffle 0 1 2 3 4 5 6 7 10 11 8 9 14 15 12 13 (local.get 1) (local.get 1))))
        """, into: """
        block0(v0: v128):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const_vector.v128 0x00000000000000000000000000000000
            v6 = i8x16.shuffle v0, v0, 0x0f0e0d0c0b0a09080504070601000302
            v7 = i8x16.shuffle v0, v0, 0x0d0c0f0e09080b0a0504070601000302
            jump block1(v7)
        block1(v8: v128):
            return(v8)
        """);

    [Fact]
    public void RotationByWholeBytesIsAShuffle() => Translates("""
        (module (func (param v128) (result v128)
          (v128.or (i32x4.shr_u (local.get 0) (i32.const 8)) (i32x4.shl (local.get 0) (i32.const 24)))))
        """, into: """
        block0(v0: v128):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const.i32 8
            v6 = i32x4.shr_u v0, v5
            v7 = const.i32 24
            v8 = i32x4.shl v0, v7
            v9 = i8x16.shuffle v0, v0, 0x0c0f0e0d080b0a090407060500030201
            jump block1(v9)
        block1(v10: v128):
            return(v10)
        """);

    [Fact]
    public void RotationByOtherBitsIsNone() => Translates("""
        (module (func (param v128 v128) (result v128 v128 v128)
          (v128.or (i32x4.shl (local.get 0) (i32.const 25)) (i32x4.shr_u (local.get 0) (i32.const 7)))
          (v128.or (i32x4.shl (local.get 0) (i32.const 24)) (i32x4.shr_u (local.get 1) (i32.const 8)))
          (v128.or (i32x4.shl (local.get 0) (i32.const 16)) (i32x4.shr_s (local.get 0) (i32.const 16)))))
        """, into: """
        block0(v0: v128, v1: v128):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = const.i32 25
            v7 = i32x4.shl v0, v6
            v8 = const.i32 7
            v9 = i32x4.shr_u v0, v8
            v10 = v128.or v7, v9
            v11 = const.i32 24
            v12 = i32x4.shl v0, v11
            v13 = const.i32 8
            v14 = i32x4.shr_u v1, v13
            v15 = v128.or v12, v14
            v16 = const.i32 16
            v17 = i32x4.shl v0, v16
            v18 = i32x4.shr_s v0, v16
            v19 = v128.or v17, v18
            jump block1(v10, v15, v19)
        block1(v20: v128, v21: v128, v22: v128):
            return(v20, v21, v22)
        """);

    [Fact]
    public void RelaxedInstructionsAreTheDeterministicOnes() => Translates("""
        (module (func (param v128 v128 v128) (result v128)
          (f32x4.relaxed_nmadd (local.get 0) (i8x16.relaxed_swizzle (local.get 0) (local.get 1))
            (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1)
              (i16x8.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2))))))
        """, into: """
        block0(v0: v128, v1: v128, v2: v128):
            v3 = const.i32 0
            v4 = const.i64 0
            v5 = const.f32 0x00000000
            v6 = const.f64 0x0000000000000000
            v7 = i8x16.swizzle v0, v1
            v8 = v128.bitselect v0, v1, v2
            v9 = i16x8.relaxed_dot_i8x16_i7x16_s v0, v1
            v10 = i32x4.extadd_pairwise_i16x8_s v9
            v11 = i32x4.add v10, v8
            v12 = f32x4.mul v0, v7
            v13 = f32x4.sub v11, v12
            jump block1(v13)
        block1(v14: v128):
            return(v14)
        """);

    private static void Translates(string wat, string into, [CallerFilePath] string file = "", [CallerMemberName] string test = "") =>
        GoldenText.Check(into, Translations.OfText(wat), file, test);
}
