using System.Runtime.CompilerServices;

namespace Wisp.Compiler.Tests.Translation;

// Tables that only element segments write: what calls through them need not ask, and what they still must.
public sealed class ConstantTableTests
{
    [Fact]
    public void OneTypeNeedsNoCheckOfIt() => Translates("""
        (module (type $t (func)) (table 4 funcref) (elem (i32.const 1) $f $g)
          (func (param i32) (call_indirect (type $t) (local.get 0))) (func $f) (func $g))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 4
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            call_ref v12() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void TwoTypesKeepTheCheck() => Translates("""
        (module (type $t (func)) (table 4 funcref) (elem (i32.const 1) $f $g)
          (func (param i32) (call_indirect (type $t) (local.get 0))) (func $f) (func $g (param i32)))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 4
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            v14 = load_at.i32 readonly [v12+16]
            v15 = load_context.i32 readonly [-152]
            v16 = compare.equal v14, v15
            trap_unless v16, bad_signature
            call_ref v12() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void OverwrittenElementCounts() => Translates("""
        (module (type $t (func)) (table 4 funcref) (elem (i32.const 1) $g) (elem (i32.const 1) $f)
          (func (param i32) (call_indirect (type $t) (local.get 0))) (func $f) (func $g (param i32)))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 4
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            v14 = load_at.i32 readonly [v12+16]
            v15 = load_context.i32 readonly [-152]
            v16 = compare.equal v14, v15
            trap_unless v16, bad_signature
            call_ref v12() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void FullTableHasNoNull() => Translates("""
        (module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $f $g)
          (func (param i32) (call_indirect (type $t) (local.get 0))) (func $f) (func $g))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 2
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            call_ref v12() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void SegmentThatMayFailLeavesNulls() => Translates("""
        (module (type $t (func)) (table 2 funcref) (table $other 2 funcref)
          (elem (i32.const 0) $f $g) (elem (table $other) (i32.const 2) func $f)
          (func (param i32) (call_indirect 0 (type $t) (i32.const 1))) (func $f) (func $g))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const.i32 1
            v6 = const.i64 1
            v7 = const.i64 2
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = const.i64 8
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            call_ref v12() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void ImportIsOfAnotherInstance() => Translates("""
        (module (type $t (func)) (import "m" "f" (func $f)) (table 2 funcref) (elem (i32.const 0) $f $g)
          (func (param i32) (call_indirect (type $t) (local.get 0))) (func $g))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 2
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            call_ref v12() type0
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void ElementFromAGlobalMayBeAnything() => Translates("""
        (module (type $t (func)) (import "m" "g" (global funcref)) (table 2 funcref)
          (elem (i32.const 0) funcref (global.get 0) (ref.func $g))
          (func (param i32) (call_indirect (type $t) (local.get 0))) (func $g))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 2
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            v14 = load_at.i32 readonly [v12+16]
            v15 = load_context.i32 readonly [-168]
            v16 = compare.equal v14, v15
            trap_unless v16, bad_signature
            call_ref v12() type0
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void SubtypesNeedNoBuiltin() => Translates("""
        (module (type $t (sub (func (result funcref)))) (type $s (sub $t (func (result (ref null $t)))))
          (table 2 funcref) (elem (i32.const 0) $f)
          (func (param i32) (result funcref) (call_indirect (type $t) (local.get 0)))
          (func $f (type $s) (ref.null $t)))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 2
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            v14 = call_ref.i64 v12() type0 own
            jump block1(v14)
        block1(v15: i64):
            return(v15)
        """);

    [Fact]
    public void ConstantIndexIsADirectCall() => Translates("""
        (module (type $t (func)) (import "m" "f" (func $f)) (table 3 funcref) (elem (i32.const 1) $f $g)
          (func (param i32)
            (call_indirect (type $t) (i32.const 1)) (return_call_indirect (type $t) (i32.const 2)))
          (func $g))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = const.i32 1
            call_import func0() type0
            v6 = const.i32 2
            tail_call func2() type0
        """);

    [Fact]
    public void ConstantIndexThatTrapsIsChecked() => Translates("""
        (module (type $t (func (result i32))) (table 2 funcref) (elem (i32.const 1) $f)
          (func (result i32) (call_indirect (type $t) (i32.const 1))) (func $f))
        """, into: """
        block0():
            v0 = const.i32 0
            v1 = const.i64 0
            v2 = const.f32 0x00000000
            v3 = const.f64 0x0000000000000000
            v4 = const.i32 1
            v5 = const.i64 1
            v6 = const.i64 2
            v7 = load_context.i64 readonly [-48]
            v8 = const.i64 3
            v9 = const.i64 8
            v10 = add.i64 v7, v9
            v11 = load_at.i64 readonly [v10]
            v12 = is_zero.i32 v11
            trap_if v12, indirect_call_to_null
            v13 = load_at.i32 readonly [v11+16]
            v14 = load_context.i32 readonly [-152]
            v15 = compare.equal v13, v14
            trap_unless v15, bad_signature
            v16 = call_ref.i32 v11() type0 own
            jump block1(v16)
        block1(v17: i32):
            return(v17)
        """);

    [Fact]
    public void ConstantIndexBehindTheEndTraps() => Translates("""
        (module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $f)
          (func (call_indirect (type $t) (i32.const -1))) (func $f))
        """, into: """
        block0():
            v0 = const.i32 0
            v1 = const.i64 0
            v2 = const.f32 0x00000000
            v3 = const.f64 0x0000000000000000
            v4 = const.i32 -1
            v5 = const.i64 4294967295
            v6 = const.i64 2
            trap_unless v0, undefined_element
            v7 = load_context.i64 readonly [-48]
            v8 = const.i64 3
            v9 = const.i64 34359738360
            v10 = add.i64 v7, v9
            v11 = load_at.i64 readonly [v10]
            v12 = is_zero.i32 v11
            trap_if v12, indirect_call_to_null
            call_ref v11() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void SecondCallOfAPlaceAsksNothing() => Translates("""
        (module (type $t (func)) (table 4 funcref) (elem (i32.const 1) $f)
          (func (param i32) (call_indirect (type $t) (local.get 0)) (call_indirect (type $t) (local.get 0))) (func $f))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 4
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            call_ref v12() type0 own
            call_ref v12() type0 own
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void TailCallStaysInTheInstance() => Translates("""
        (module (type $t (func)) (table 4 funcref) (elem (i32.const 1) $f)
          (func (param i32) (return_call_indirect (type $t) (local.get 0))) (func $f))
        """, into: """
        block0(v0: i32):
            v1 = const.i32 0
            v2 = const.i64 0
            v3 = const.f32 0x00000000
            v4 = const.f64 0x0000000000000000
            v5 = zero_extend.i64 v0
            v6 = const.i64 4
            v7 = compare.less_unsigned v5, v6
            trap_unless v7, undefined_element
            v8 = load_context.i64 readonly [-48]
            v9 = const.i64 3
            v10 = shl.i64 v5, v9
            v11 = add.i64 v8, v10
            v12 = load_at.i64 readonly [v11]
            v13 = is_zero.i32 v12
            trap_if v13, indirect_call_to_null
            tail_call_ref v12() type0 own
        """);

    [Fact]
    public void WrittenTableIsNoConstant() => Translates("""
        (module (type $t (func)) (table 4 funcref) (elem (i32.const 1) $f)
          (func (param i32) (call_indirect (type $t) (local.get 0)))
          (func $f (table.set (i32.const 0) (ref.null func))))
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
            v15 = load_context.i32 readonly [-152]
            v16 = compare.equal v14, v15
            trap_unless v16, bad_signature
            call_ref v12() type0
            jump block1()
        block1():
            return()
        """);

    [Fact]
    public void PointerOfAnEmptyTableIsNotReadOnly() => Translates("""
        (module (type $t (func)) (table 0 funcref) (func (call_indirect (type $t) (i32.const 0))))
        """, into: """
        block0():
            v0 = const.i32 0
            v1 = const.i64 0
            v2 = const.f32 0x00000000
            v3 = const.f64 0x0000000000000000
            v4 = load_context.i64 tablerecord0 [-40]
            v5 = compare.greater_unsigned v4, v1
            trap_unless v5, undefined_element
            v6 = load_context.i64 tablerecord0 [-48]
            v7 = const.i64 3
            v8 = load_at.i64 elements [v6]
            v9 = is_zero.i32 v8
            trap_if v9, indirect_call_to_null
            v10 = load_at.i32 readonly [v8+16]
            v11 = load_context.i32 readonly [-148]
            v12 = compare.equal v10, v11
            trap_unless v12, bad_signature
            call_ref v8() type0
            jump block1()
        block1():
            return()
        """);

    private static void Translates(
        string wat, string into, [CallerFilePath] string file = "", [CallerMemberName] string test = "") =>
        GoldenText.Check(into, Translations.OfText(wat), file, test);
}
