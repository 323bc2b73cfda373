using Wisp.Abi;

namespace Wisp.Compiler.Tests.Selection;

// The shortest instructions for sums, products, quotients, tests and constants.
public sealed class ArithmeticTests
{
    [Fact]
    public void TestsBits() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = const.i32 64
            v3 = and.i32 v0, v2
            v4 = is_zero.i32 v3
            v5 = select.i32 v4, v0, v1
            return (v5)
        """, into: """
        block0:
            CompareSelectImmediate v0?, v0, v1, =v2:i~2 {size=4 cond=20 imm=64}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void KeepsAndComparedForOrder() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = const.i32 64
            v3 = and.i32 v0, v2
            v4 = const.i32 0
            v5 = compare.less_signed v3, v4
            return (v5)
        """, into: """
        block0:
            AluImmediate v0, =v2:i~0 {size=4 cond=4 imm=64}
            CompareSetImmediate v2?, =v3:i {size=4 cond=12}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void AddsScaledIndexWithLea() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = const.i32 3
            v3 = shl.i32 v1, v2
            v4 = add.i32 v0, v3
            v5 = const.i32 12
            v6 = add.i32 v4, v5
            return (v6)
        """, into: """
        block0:
            Lea v0, v1, =v2:i {size=4 base=0 index=1 scale=3 disp=12}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void KeepsShiftThatNoAddressHas() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = const.i32 4
            v3 = shl.i32 v1, v2
            v4 = add.i32 v0, v3
            return (v4)
        """, into: """
        block0:
            ShiftImmediate v1, =v2:i~0 {size=4 cond=4 imm=4}
            Alu.swap.tie v0, v2?, =v3:i {size=4}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void MultipliesWithLeaAndShift() => Selections.Check("""
        block0(v0: i32):
            v1 = const.i32 9
            v2 = mul.i32 v0, v1
            v3 = const.i32 64
            v4 = mul.i32 v2, v3
            v5 = const.i32 7
            v6 = mul.i32 v4, v5
            return (v6)
        """, into: """
        block0:
            Lea v0, v0, =v1:i {size=4 base=0 index=1 scale=3}
            ShiftImmediate v1, =v2:i~0 {size=4 cond=4 imm=6}
            MultiplyImmediate v2, =v3:i {size=4 imm=7}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void DividesUnsignedByConstant() => Selections.Check("""
        block0(v0: i32):
            v1 = const.i32 10
            v2 = div_u.i32 v0, v1
            return (v2)
        """, into: """
        block0:
            LoadImmediate.const =v1:i {size=8 imm=3435973837}
            Multiply.swap v0, v1?, =v2:i~0 {size=8}
            ShiftImmediate v2, =v3:i~0 {size=8 cond=5 imm=35}
            Move.move v3, =v4:i {size=4}
            Return v4@rax {size=8}
        """);

    [Fact]
    public void DividesByPowerOfTwoTowardsZero() => Selections.Check("""
        block0(v0: i64):
            v1 = const.i64 8
            v2 = div_s.i64 v0, v1
            return (v2)
        """, into: """
        block0:
            ShiftImmediate v0, =v1:i~0 {size=8 cond=7 imm=63}
            ShiftImmediate v1, =v2:i~0 {size=8 cond=5 imm=61}
            Alu.swap v0, v2?, =v3:i~0 {size=8}
            ShiftImmediate v3, =v4:i~0 {size=8 cond=7 imm=3}
            Move.move v4, =v5:i {size=8}
            Return v5@rax {size=8}
        """);

    [Fact]
    public void LeavesDivisionByZeroAndMinusOne() => Selections.Check("""
        block0(v0: i32):
            v1 = const.i32 0
            v2 = div_u.i32 v0, v1
            v3 = const.i32 -1
            v4 = div_s.i32 v2, v3
            return (v4)
        """, into: """
        block0:
            LoadImmediate.const =v1:i {size=4}
            Divide v0@rax, v1!, =v2:i@rax clobbers rdx {size=4 cond=1}
            LoadImmediate.const =v3:i {size=4 imm=4294967295}
            Divide v2@rax, v3!, =v4:i@rax clobbers rdx, r11 {size=4}
            Return v4@rax {size=8}
        """);

    [Fact]
    public void StoresFloatConstantAsInteger() => Selections.Check("""
        block0(v0: i32):
            v1 = const.f64 0x0
            store.f64 mem0 [v0], v1
            v2 = const.f32 0x3f800000
            store.f32 mem0 [v0], v2
            return (v0)
        """, into: """
        block0:
            StoreImmediate v0 {size=8 base=254 index=0 trap=2}
            StoreImmediate v0 {size=4 base=254 index=0 imm=1065353216 trap=2}
            Return v0@rax {size=8}
        """);

    [Fact]
    public void MultipliesByFloatConstantInPlace() => Selections.Check("""
        block0(v0: f64):
            v1 = const.f64 0x3ff8000000000000
            v2 = f_mul.f64 v0, v1
            return (v2)
        """, into: """
        block0:
            FloatAluConstant v0, =v1:f~0 {size=8 cond=89}
            Return v1@xmm0 {size=8}
        """);

    [Fact]
    public void LeavesOutWhatNobodyUses() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load_context.i32 global2 [-144]
            v3 = add.i32 v2, v1
            v4 = mul.i32 v3, v1
            return (v0)
        """, into: """
        block0:
            Return v0@rax {size=8}
        """);

    [Fact]
    public void KeepsFloatOperandsWithAvx() => Selections.Check("""
        block0(v0: f64, v1: f64):
            v2 = f_sub.f64 v0, v1
            v3 = f_neg.f64 v2
            return (v3)
        """, into: """
        block0:
            FloatAlu v0, v1?, =v2:f {size=8 cond=92}
            FloatSign v2, =v3:f {size=8 cond=1}
            Return v3@xmm0 {size=8}
        """, CpuFeatures.Avx);

    [Fact]
    public void ShiftsAnyRegistersWithBmi2() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = shl.i32 v0, v1
            v3 = const.i32 7
            v4 = rot_l.i32 v2, v3
            return (v4)
        """, into: """
        block0:
            ShiftAny v0, v1, =v2:i {size=4 cond=4}
            RotateAny.tie v2?, =v3:i {size=4 imm=25}
            Return v3@rax {size=8}
        """, CpuFeatures.Bmi2);

    [Fact]
    public void ShiftsByRcxWithoutBmi2() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = shl.i32 v0, v1
            v3 = const.i32 7
            v4 = rot_l.i32 v2, v3
            return (v4)
        """, into: """
        block0:
            Shift v0, v1@rcx, =v2:i~0 {size=4 cond=4}
            ShiftImmediate v2, =v3:i~0 {size=4 imm=7}
            Return v3@rax {size=8}
        """, CpuFeatures.None);
}
