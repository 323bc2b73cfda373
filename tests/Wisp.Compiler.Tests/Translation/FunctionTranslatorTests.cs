using System.Runtime.CompilerServices;
using Wisp.Abi;
using Wisp.Wasm.Text;

namespace Wisp.Compiler.Tests.Translation;

public sealed class FunctionTranslatorTests
{
    [Fact]
    public void LocalThatALoopDoesNotWriteNeedsNoParameterThere() => Translates("""
        (module (func (param $limit i32) (result i32) (local $i i32)
          (loop $again
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (local.get $limit))))
          (local.get $i)))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            jump block1(v1)
        block1(v5: i32): loop depth 1
            stack_check
            v6 = const.i32 1
            v7 = add.i32 v5, v6
            v8 = compare.less_unsigned v7, v0
            branch v8, block1(v7), block2()
        block2(): depth 1
            jump block3()
        block3():
            jump block4(v7)
        block4(v9: i32):
            return(v9)
        """);

    [Fact]
    public void ArmsOfAnIfMeetInAParameterOfWhatTheyWrite() => Translates("""
        (module (func (param $c i32) (param $x i32) (param $y i32) (result i32)
          (if (local.get $c)
            (then (local.set $x (i32.const 5)))
            (else (local.set $x (i32.mul (local.get $x) (local.get $y)))))
          (i32.add (local.get $x) (local.get $y))))
        """, into: """
        block0(v0: i32, v1: i32, v2: i32):
            v3 = const.i32 0
            v4 = const.i64 0
            v5 = const.f32 0x00000000
            v6 = const.f64 0x0000000000000000
            branch v0, block1(), block2()
        block1():
            v7 = const.i32 5
            jump block3(v7)
        block2():
            v8 = mul.i32 v1, v2
            jump block3(v8)
        block3(v9: i32):
            v10 = add.i32 v9, v2
            jump block4(v10)
        block4(v11: i32):
            return(v11)
        """);

    [Fact]
    public void IfWithoutElsePassesItsParametersOn() => Translates("""
        (module (func (param $c i32) (param $x i32) (result i32)
          (local.get $x)
          (if (param i32) (result i32) (local.get $c)
            (then (i32.add (i32.const 1))))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            branch v0, block1(), block2()
        block1():
            v6 = const.i32 1
            v7 = add.i32 v1, v6
            jump block3(v7)
        block2():
            jump block3(v1)
        block3(v8: i32):
            jump block4(v8)
        block4(v9: i32):
            return(v9)
        """);

    [Fact]
    public void BranchTableHasAnEdgeForEachEntry() => Translates("""
        (module (func (param $n i32) (result i32)
          (block $two
            (block $one
              (block $zero (br_table $zero $one $two $zero (local.get $n)))
              (return (i32.const 10)))
            (return (i32.const 20)))
          (i32.const 30)))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            branch_table v0, block1(), block2(), block3(), block1()
        block1():
            v5 = const.i32 10
            return(v5)
        block2():
            v6 = const.i32 20
            return(v6)
        block3():
            v7 = const.i32 30
            jump block4(v7)
        block4(v8: i32):
            return(v8)
        """);

    [Fact]
    public void ValueOfOneArmIsMadeAgainInTheOther() => Translates("""
        (module (func (param $c i32) (param $x i32) (result i32)
          (if (result i32) (local.get $c)
            (then (i32.mul (local.get $x) (i32.const 7)))
            (else (i32.sub (i32.mul (local.get $x) (i32.const 7)) (local.get $c))))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            branch v0, block1(), block2()
        block1():
            v6 = const.i32 7
            v7 = mul.i32 v1, v6
            jump block3(v7)
        block2():
            v8 = const.i32 7
            v9 = mul.i32 v1, v8
            v10 = sub.i32 v9, v0
            jump block3(v10)
        block3(v11: i32):
            jump block4(v11)
        block4(v12: i32):
            return(v12)
        """);

    [Fact]
    public void ValueBeforeABranchIsKnownBehindIt() => Translates("""
        (module (func (param $c i32) (param $x i32) (result i32)
          (local $before i32)
          (local.set $before (i32.mul (local.get $x) (i32.const 7)))
          (block $out
            (br_if $out (local.get $c))
            (return (i32.mul (local.get $x) (i32.const 7))))
          (i32.mul (local.get $x) (i32.const 7))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = const.i32 7
            v7 = mul.i32 v1, v6
            branch v0, block2(), block1()
        block1():
            return(v7)
        block2():
            jump block3(v7)
        block3(v8: i32):
            return(v8)
        """);

    [Fact]
    public void CodeBehindABranchIsNotBuilt() => Translates("""
        (module (func (param $x i32) (result i32)
          (block $out (result i32)
            (br $out (local.get $x))
            (loop (br 0))
            (i32.add (i32.const 1)))))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            jump block1(v0)
        block1(v5: i32):
            jump block2(v5)
        block2(v6: i32):
            return(v6)
        """);

    [Fact]
    public void GuardedAccessIsOneInstruction() => Translates("""
        (module (memory 1) (func (param $p i32) (result i32)
          (i32.store8 offset=1 (local.get $p) (i32.const 65))
          (i32.load offset=4 (local.get $p))))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const.i32 65
            store.i32.u8 mem0 [v0+1], v5
            v6 = load.i32 mem0 [v0+4]
            jump block1(v6)
        block1(v7: i32):
            return(v7)
        """);

    [Fact]
    public void ExplicitBoundsAreCheckedBeforeTheAccess() => Translates("""
        (module (memory 1) (func (param $p i32) (result i32)
          (i32.load offset=4 (local.get $p))))
        """, bounds: BoundsMode.Explicit, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = load_context.i64 memrecord0 [-24]
            v6 = const.i64 8
            v7 = compare.greater_or_equal_unsigned v5, v6
            trap_unless v7, memory_out_of_bounds
            v8 = zero_extend.i64 v0
            v9 = const.i64 -8
            v10 = add.i64 v5, v9
            v11 = compare.less_or_equal_unsigned v8, v10
            trap_unless v11, memory_out_of_bounds
            v12 = load_context.i64 memrecord0 [-32]
            v13 = add.i64 v12, v8
            v14 = const.i64 4
            v15 = add.i64 v13, v14
            v16 = load_at.i32 mem0 [v15]
            jump block1(v16)
        block1(v17: i32):
            return(v17)
        """);

    [Fact]
    public void WideMemoryIsCheckedWithoutWrapping() => Translates("""
        (module (memory i64 1) (func (param $p i64) (result i64)
          (i64.load offset=8 (local.get $p))))
        """, into: """
        block0(v0: i64):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = load_context.i64 memrecord0 [-24]
            v6 = const.i64 16
            v7 = compare.greater_or_equal_unsigned v5, v6
            trap_unless v7, memory_out_of_bounds
            v8 = const.i64 -16
            v9 = add.i64 v5, v8
            v10 = compare.less_or_equal_unsigned v0, v9
            trap_unless v10, memory_out_of_bounds
            v11 = load_context.i64 memrecord0 [-32]
            v12 = add.i64 v11, v0
            v13 = const.i64 8
            v14 = add.i64 v12, v13
            v15 = load_at.i64 mem0 [v14]
            jump block1(v15)
        block1(v16: i64):
            return(v16)
        """);

    [Fact]
    public void ExclusiveOrWithOneNegatesAComparison() => Translates("""
        (module
          (func (param $x f64) (param $y f64) (param $n i32) (result i32 i32 i32)
            (i32.xor (f64.gt (local.get $x) (local.get $y)) (i32.const 1))
            (i32.eqz (i32.xor (f64.gt (local.get $x) (local.get $y)) (i32.const 1)))
            (i32.xor (local.get $n) (i32.const 1))))
        """, into: """
        block0(v0: f64, v1: f64, v2: i32):
            v3 = const.i32 0
            v4 = const.i64 0
            v5 = const.f32 0x00000000
            v6 = const.f64 0x0000000000000000
            v7 = f_compare.greater v0, v1
            v8 = const.i32 1
            v9 = is_zero.i32 v7
            v10 = xor.i32 v2, v8
            jump block1(v9, v7, v10)
        block1(v11: i32, v12: i32, v13: i32):
            return(v11, v12, v13)
        """);

    [Fact]
    public void IndirectCallChecksIndexNullAndType() => Translates("""
        (module (type $t (func (param i32) (result i32))) (table (export "t") 4 funcref)
          (func (param $i i32) (result i32)
            (call_indirect (type $t) (local.get $i) (local.get $i))))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = load_context.i64 tablerecord0 [-40]
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 tablerecord0 [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 elements [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            v14 = load_at.i32 readonly [v12+16]
            v15 = load_context.i32 readonly [-148]
            v16 = compare.equal v14, v15
            trap_unless v16, bad_signature
            v17 = call_ref.i32 v12(v0) type0
            jump block1(v17)
        block1(v18: i32):
            return(v18)
        """);

    [Fact]
    public void TailCallEndsItsBlock() => Translates("""
        (module (func $f (param i32 i32) (result i32)
          (return_call $f (local.get 1) (local.get 0))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            tail_call func0(v1, v0) type0
        """);

    [Fact]
    public void ResultsOfACallStandBehindIt() => Translates("""
        (module
          (func (param i32) (result i64 i32) (call $two (local.get 0)))
          (func $two (param i32) (result i64 i32) (i64.const 1) (local.get 0)))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = call.i64 func1(v0) type0
            v6 = call_result.i32 v5, 1
            jump block1(v5, v6)
        block1(v7: i64, v8: i32):
            return(v7, v8)
        """);

    [Fact]
    public void ImportedGlobalsAreOneRegion() => Translates("""
        (module (global $g (import "m" "g") (mut i32)) (global $h (mut i32) (i32.const 0))
          (func (global.set $g (global.get $h)) (global.set $h (global.get $g))))
        """, into: """
        block0():
            v0 = const.i32 0
            v1 = const.i64 0
            v2 = const.f32 0x00000000
            v3 = const.f64 0x0000000000000000
            v4 = load_context.i32 global1 [-160]
            v5 = load_context.i64 readonly [-136]
            store_at.i32 imported_globals [v5], v4
            v6 = load_at.i32 imported_globals [v5]
            store_context.i32 global1 [-160], v6
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void ConstantsAreFolded() => Translates("""
        (module (func (param i32) (result i32)
          (i32.add (i32.add (local.get 0) (i32.mul (i32.const 6) (i32.const 7)))
            (i32.shl (i32.const 1) (i32.const 33)))))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const.i32 6
            v6 = const.i32 7
            v7 = const.i32 42
            v8 = add.i32 v0, v7
            v9 = const.i32 1
            v10 = const.i32 33
            v11 = const.i32 2
            v12 = const.i32 44
            v13 = add.i32 v0, v12
            jump block1(v13)
        block1(v14: i32):
            return(v14)
        """);

    [Fact]
    public void DivisionByAConstantZeroStillTraps() => Translates("""
        (module (func (result i32) (i32.div_u (i32.const 1) (i32.const 0))))
        """, into: """
        block0():
            v0 = const.i32 0
            v1 = const.i64 0
            v2 = const.f32 0x00000000
            v3 = const.f64 0x0000000000000000
            v4 = const.i32 1
            v5 = div_u.i32 v4, v0
            jump block1(v5)
        block1(v6: i32):
            return(v6)
        """);

    [Fact]
    public void BulkFillOfImportedMemoriesIsOfTheRegionOfTheirLoads()
    {
        string text = Translations.OfText("""
            (module (memory (import "m" "a") 1) (memory (import "m" "b") 1)
              (func (param i32) (result i32)
                (i32.load 0 (local.get 0))
                (memory.fill 1 (local.get 0) (i32.const 7) (i32.const 4))
                (i32.add (i32.load 0 (local.get 0)))))
            """);

        Assert.DoesNotContain("mem1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void CopyOfAConstantSizeReadsAllBeforeItWrites() => Translates("""
        (module (memory 1) (func (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 43))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = const.i32 43
            v7 = const.i64 43
            v8 = zero_extend.i64 v1
            v9 = zero_extend.i64 v0
            v10 = load_context.i64 memrecord0 [-24]
            v11 = add.i64 v9, v7
            v12 = compare.greater_unsigned v11, v10
            trap_if v12, memory_out_of_bounds
            v13 = load_context.i64 memrecord0 [-24]
            v14 = add.i64 v8, v7
            v15 = compare.greater_unsigned v14, v13
            trap_if v15, memory_out_of_bounds
            v16 = load_context.i64 readonly [-32]
            v17 = add.i64 v16, v9
            v18 = load_context.i64 readonly [-32]
            v19 = add.i64 v18, v8
            v20 = load_at.v128 mem0 [v19]
            v21 = load_at.v128 mem0 [v19+16]
            v22 = load_at.v128 mem0 [v19+27]
            store_at.v128 mem0 [v17], v20
            store_at.v128 mem0 [v17+16], v21
            store_at.v128 mem0 [v17+27], v22
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void CopyOfAFewWordsGoesByWords() => Translates("""
        (module (memory 1) (func (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 29))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = const.i32 29
            v7 = const.i64 29
            v8 = zero_extend.i64 v1
            v9 = zero_extend.i64 v0
            v10 = load_context.i64 memrecord0 [-24]
            v11 = add.i64 v9, v7
            v12 = compare.greater_unsigned v11, v10
            trap_if v12, memory_out_of_bounds
            v13 = load_context.i64 memrecord0 [-24]
            v14 = add.i64 v8, v7
            v15 = compare.greater_unsigned v14, v13
            trap_if v15, memory_out_of_bounds
            v16 = load_context.i64 readonly [-32]
            v17 = add.i64 v16, v9
            v18 = load_context.i64 readonly [-32]
            v19 = add.i64 v18, v8
            v20 = load_at.i64 mem0 [v19]
            v21 = load_at.i64 mem0 [v19+8]
            v22 = load_at.i64 mem0 [v19+16]
            v23 = load_at.i64 mem0 [v19+21]
            store_at.i64 mem0 [v17], v20
            store_at.i64 mem0 [v17+8], v21
            store_at.i64 mem0 [v17+16], v22
            store_at.i64 mem0 [v17+21], v23
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void FillOfAConstantSizeRepeatsTheByte() => Translates("""
        (module (memory 1) (func (param i32 i32)
          (memory.fill (local.get 0) (local.get 1) (i32.const 25)) (memory.fill (local.get 0) (i32.const 3) (i32.const 23))))
        """, into: """
        block0(v0: i32, v1: i32):
            v2 = const.i32 0
            v3 = const.i64 0
            v4 = const.f32 0x00000000
            v5 = const.f64 0x0000000000000000
            v6 = const.i32 25
            v7 = const.i64 25
            v8 = zero_extend.i64 v0
            v9 = load_context.i64 memrecord0 [-24]
            v10 = add.i64 v8, v7
            v11 = compare.greater_unsigned v10, v9
            trap_if v11, memory_out_of_bounds
            v12 = load_context.i64 readonly [-32]
            v13 = add.i64 v12, v8
            v14 = const.i32 255
            v15 = and.i32 v1, v14
            v16 = zero_extend.i64 v15
            v17 = const.i64 72340172838076673
            v18 = mul.i64 v16, v17
            v19 = i64x2.splat v18
            store_at.v128 mem0 [v13], v19
            store_at.v128 mem0 [v13+9], v19
            v20 = const.i32 3
            v21 = const.i32 23
            v22 = const.i64 23
            v23 = load_context.i64 memrecord0 [-24]
            v24 = add.i64 v8, v22
            v25 = compare.greater_unsigned v24, v23
            trap_if v25, memory_out_of_bounds
            v26 = load_context.i64 readonly [-32]
            v27 = add.i64 v26, v8
            v28 = const_vector.v128 0x03030303030303030303030303030303
            store_at.v128 mem0 [v27], v28
            v29 = const.i64 217020518514230019
            store_at.i64 mem0 [v27+15], v29
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void ConstantsOfOneWayOfABulkCopyAreNotUsedBehindIt()
    {
        byte[] wasm = WatParser.ParseModule("""
            (module (memory 1) (memory 1) (memory 1)
              (func (param i32 i32 i32) (result i32)
                (memory.copy 2 1 (local.get 0) (local.get 1) (local.get 2))
                (memory.fill 2 (local.get 0) (local.get 1) (local.get 2))
                (i32.add (i32.const 1) (i32.const 1))))
            """);

        Assert.Single(Translations.Functions(wasm));   // each one is verified
    }

    [Fact]
    public void EveryFunctionOfTheBenchmarksIsWellFormed()
    {
        int functions = 0;
        foreach (string file in Suites.Kernels())
        {
            foreach (BoundsMode bounds in Enum.GetValues<BoundsMode>())
            {
                functions += Translations.Functions(File.ReadAllBytes(file), bounds).Count();
            }
        }

        Assert.True(functions > 30, $"{functions}");
    }

    private static void Translates(
        string wat, string into, BoundsMode bounds = BoundsMode.Guarded, [CallerFilePath] string file = "",
        [CallerMemberName] string test = "") =>
        GoldenText.Check(into, Translations.OfText(wat, bounds), file, test);
}
