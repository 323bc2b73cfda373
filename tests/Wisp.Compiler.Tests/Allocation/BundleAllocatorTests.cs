using System.Runtime.CompilerServices;
using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Tests.Allocation;

public sealed class BundleAllocatorTests
{
    private static void Allocates(string text, string into, [CallerFilePath] string file = "") =>
        AllocatorTexts.Expect(new BundleAllocator(), text, into, file);

    [Fact]
    public void TiedAndPassedValuesShareARegister() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            jump -> block1(v0)
        block1(v2:i): depth 1 header
            add v2, v1, =v3:i~0
            branch v3 -> block2, block3
        block2: depth 1
            jump -> block1(v3)
        block3:
            return v3@rax
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            ; v0 rdi -> rax
            jump -> block1(v0)
        block1(v2:i): depth 1 header
            add v2[rax], v1[rsi], =v3:i~0[rax]
            branch v3[rax] -> block2, block3
        block2: depth 1
            jump -> block1(v3)
        block3:
            return v3@rax[rax]
        """);

    [Fact]
    public void ArgumentsAreComputedWhereTheCallWantsThem() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            load v0, =v2:i
            load v1, =v3:i
            call.call v3@rdi, v2@rsi, =v4:i@rax clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            return v4@rax
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            load v0[rdi], =v2:i[r8]
            load v1[rsi], =v3:i[rdi]
            ; v2 r8 -> rsi
            call.call v3@rdi[rdi], v2@rsi[rsi], =v4:i@rax[rax] clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            return v4@rax[rax]
        """);

    [Fact]
    public void ValueLivingOnBehindItsTiedUseIsCopied() => Allocates("""
        registers rax, rcx, rdx
        block0:
            args =v0:i@rax, =v1:i@rcx
            add v0, v1, =v2:i~0
            store v2, v0, v1
            return
        """, into: """
        block0:
            args =v0:i@rax[rax], =v1:i@rcx[rcx]
            ; v0 rax -> rdx
            add v0[rdx], v1[rcx], =v2:i~0[rdx]
            store v2[rdx], v0[rax], v1[rcx]
            return
        """);

    [Fact]
    public void ValueAcrossCallsInALoopTakesASavedRegister() => Allocates("""
        block0:
            args =v0:i@rdi
            jump -> block1
        block1: depth 1 header
            call.call v0@rdi clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            use v0
            use v0
            branch -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> rbx
            jump -> block1
        block1: depth 1 header
            ; v0 rbx -> rdi
            call.call v0@rdi[rdi] clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            use v0[rbx]
            use v0[rbx]
            branch -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            return
        """);

    [Fact]
    public void ValueUsedOnceBehindOneCallIsStoredOnceInsteadOfSavingARegister() => Allocates("""
        block0:
            args =v0:i@rdi
            call.call v0@rdi clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            use v0
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> slot0
            call.call v0@rdi[rdi] clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            ; v0 slot0 -> rax
            use v0[rax]
            return
        """);

    [Fact]
    public void SplitMovesOutOfTheLoop() => Allocates("""
        registers rax, rcx, rdx
        block0:
            args =v0:i@rax
            use v0
            jump -> block1
        block1: depth 1 header
            a =v1:i
            b =v2:i
            c =v3:i
            use v1, v2, v3
            use v1, v2, v3
            branch v3 -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            use v0
            return
        """, into: """
        block0:
            args =v0:i@rax[rax]
            ; v0 rax -> slot0
            use v0[rax]
            jump -> block1
        block1: depth 1 header
            a =v1:i[rcx]
            b =v2:i[rdx]
            c =v3:i[rax]
            use v1[rcx], v2[rdx], v3[rax]
            use v1[rcx], v2[rdx], v3[rax]
            branch v3[rax] -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            ; v0 slot0 -> rax
            use v0[rax]
            return
        """);

    [Fact]
    public void ReloadGoesToTheColdPath() => Allocates("""
        registers rax, rcx, rdx
        block0:
            args =v0:i@rax, =v1:i@rcx
            jump -> block1
        block1: depth 1 header
            add v0, v1
            branch v1 -> block2, block3
        block2: depth 1 cold
            call.call clobbers rax, rcx, rdx
            jump -> block4
        block3: depth 1
            jump -> block4
        block4: depth 1
            add v0, v1
            branch v0 -> block5, block6
        block5: depth 1
            jump -> block1
        block6:
            return
        """, into: """
        block0:
            args =v0:i@rax[rax], =v1:i@rcx[rcx]
            jump -> block1
        block1: depth 1 header
            add v0[rax], v1[rcx]
            branch v1[rcx] -> block2, block3
        block2: depth 1 cold
            ; v1 rcx -> slot1
            ; v0 rax -> slot0
            call.call clobbers rax, rcx, rdx
            ; v1 slot1 -> rcx
            ; v0 slot0 -> rax
            jump -> block4
        block3: depth 1
            jump -> block4
        block4: depth 1
            add v0[rax], v1[rcx]
            branch v0[rax] -> block5, block6
        block5: depth 1
            jump -> block1
        block6:
            return
        """);

    [Fact]
    public void ConstantIsMadeAgainInsteadOfStored() => Allocates("""
        registers rax, rcx
        block0:
            seven.const =v0:i {imm=7}
            call.call clobbers rax, rcx
            use v0
            call.call clobbers rax, rcx
            use v0
            return
        """, into: """
        block0:
            seven.const =v0:i[none] {imm=7}
            call.call clobbers rax, rcx
            ; v0 again -> rax
            use v0[rax]
            call.call clobbers rax, rcx
            ; v0 again -> rax
            use v0[rax]
            return
        """);

    [Fact]
    public void ParametersThatChangePlacesGoThroughAFreeRegister() => Allocates("""
        registers rax, rcx, rdx
        block0:
            args =v0:i@rax, =v1:i@rcx
            jump -> block1(v0, v1)
        block1(v2:i, v3:i): depth 1 header
            use v2, v3
            branch -> block2, block3
        block2: depth 1
            jump -> block1(v3, v2)
        block3:
            return
        """, into: """
        block0:
            args =v0:i@rax[rax], =v1:i@rcx[rcx]
            jump -> block1(v0, v1)
        block1(v2:i, v3:i): depth 1 header
            use v2[rax], v3[rcx]
            branch -> block2, block3
        block2: depth 1
            ; v2 rax -> rdx
            ; v3 rcx -> rax
            ; v2 rdx -> rcx
            jump -> block1(v3, v2)
        block3:
            return
        """);

    [Fact]
    public void ParametersThatChangePlacesGoThroughASlotWhereNoRegisterIsFree() => Allocates("""
        registers rax, rcx
        block0:
            args =v0:i@rax, =v1:i@rcx
            jump -> block1(v0, v1)
        block1(v2:i, v3:i): depth 1 header
            use v2, v3
            branch -> block2, block3
        block2: depth 1
            jump -> block1(v3, v2)
        block3:
            return
        """, into: """
        block0:
            args =v0:i@rax[rax], =v1:i@rcx[rcx]
            jump -> block1(v0, v1)
        block1(v2:i, v3:i): depth 1 header
            use v2[rax], v3[rcx]
            branch -> block2, block3
        block2: depth 1
            ; v2 rax -> slot0
            ; v3 rcx -> rax
            ; v2 slot0 -> rcx
            jump -> block1(v3, v2)
        block3:
            return
        """);

    [Fact]
    public void ParameterSharesARegisterWithTheValueThatMostJumpsPass() => Allocates("""
        registers rax, rcx, rdx
        block0:
            a =v0:i, =v1:i, =v2:i
            table v2 -> block1, block2, block3
        block1:
            jump -> block4(v0)
        block2:
            jump -> block4(v0)
        block3:
            jump -> block4(v1)
        block4(v3:i):
            use v3
            return
        """, into: """
        block0:
            a =v0:i[rcx], =v1:i[rdx], =v2:i[rax]
            table v2[rax] -> block1, block2, block3
        block1:
            jump -> block4(v0)
        block2:
            jump -> block4(v0)
        block3:
            ; v1 rdx -> rcx
            jump -> block4(v1)
        block4(v3:i):
            use v3[rcx]
            return
        """);

    [Fact]
    public void FloatsThatChangePlacesGoThroughAFreeVectorRegister() => Allocates("""
        registers xmm0, xmm1, xmm2
        block0:
            args =v0:f@xmm0, =v1:f@xmm1
            jump -> block1(v0, v1)
        block1(v2:f, v3:f): depth 1 header
            use v2, v3
            branch -> block2, block3
        block2: depth 1
            jump -> block1(v3, v2)
        block3:
            return
        """, into: """
        block0:
            args =v0:f@xmm0[xmm0], =v1:f@xmm1[xmm1]
            jump -> block1(v0, v1)
        block1(v2:f, v3:f): depth 1 header
            use v2[xmm0], v3[xmm1]
            branch -> block2, block3
        block2: depth 1
            ; v2 xmm0 -> xmm2
            ; v3 xmm1 -> xmm0
            ; v2 xmm2 -> xmm1
            jump -> block1(v3, v2)
        block3:
            return
        """);

    [Fact]
    public void SpilledParametersThatChangePlacesGoThroughATemporarySlot() => Allocates("""
        registers rax
        block0:
            a =v0:i
            b =v1:i
            c =v2:i
            jump -> block1(v0, v1, v2)
        block1(v3:i, v4:i, v5:i): depth 1 header
            use v3?, v4?, v5?
            branch -> block2, block3
        block2: depth 1
            jump -> block1(v4, v5, v3)
        block3:
            return
        """, into: """
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            b =v1:i[rax]
            ; v1 rax -> slot1
            c =v2:i[rax]
            jump -> block1(v0, v1, v2)
        block1(v3:i, v4:i, v5:i): depth 1 header
            use v3?[slot0], v4?[slot1], v5?[rax]
            branch -> block2, block3
        block2: depth 1
            ; v3 slot0 -> slot2
            ; v4 slot1 -> slot0
            ; v5 rax -> slot1
            ; v3 slot2 -> rax
            jump -> block1(v4, v5, v3)
        block3:
            return
        """);

    [Fact]
    public void OneValueInTwoFixedRegistersIsCopied() => Allocates("""
        block0:
            args =v0:i@rdi
            call.call v0@rdi, v0@rsi clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> rsi
            call.call v0@rdi[rdi], v0@rsi[rsi] clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            return
        """);

    [Fact]
    public void FixedInputThatLivesOnKeepsItsOwnRegister() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            div v0@rax, v1!, =v2:i@rax clobbers rdx
            add v2, v0, =v3:i~0
            return v3@rax
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            ; v0 rdi -> rax
            div v0@rax[rax], v1![rsi], =v2:i@rax[rax] clobbers rdx
            add v2[rax], v0[rdi], =v3:i~0[rax]
            return v3@rax[rax]
        """);

    [Fact]
    public void VectorSlotsTakeTwoUnits() => Allocates("""
        registers xmm0, rax
        block0:
            a =v0:v
            b =v1:v
            use v0
            use v1
            return
        """, into: """
        block0:
            a =v0:v[xmm0]
            ; v0 xmm0 -> slot0
            b =v1:v[xmm0]
            ; v1 xmm0 -> slot2
            ; v0 slot0 -> xmm0
            use v0[xmm0]
            ; v1 slot2 -> xmm0
            use v1[xmm0]
            return
        """);

    [Fact]
    public void OperandThatMayBeInMemoryIsReadFromItsSlot() => Allocates("""
        registers rax, rcx
        block0:
            args =v0:i@rax
            call.call clobbers rax, rcx
            a =v1:i
            add v1, v0?, =v2:i~0
            return v2@rax
        """, into: """
        block0:
            args =v0:i@rax[rax]
            ; v0 rax -> slot0
            call.call clobbers rax, rcx
            a =v1:i[rax]
            add v1[rax], v0?[slot0], =v2:i~0[rax]
            return v2@rax[rax]
        """);

    [Fact]
    public void CommutativeInstructionTiesTheOperandThatEnds() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            xor.swap v0, v1, =v2:i~0
            store v2, v0
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            xor.swap v1[rsi], v0[rdi], =v2:i~0[rsi]
            store v2[rsi], v0[rdi]
            return
        """);

    [Fact]
    public void CommutativeInstructionTiesWhatALoopCarries() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            jump -> block1(v0)
        block1(v2:i): depth 1 header
            load v1, =v3:i
            xor.swap v3, v2, =v4:i~0
            branch v1 -> block2, block3
        block2: depth 1
            jump -> block1(v4)
        block3:
            return v4@rdi
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            jump -> block1(v0)
        block1(v2:i): depth 1 header
            load v1[rsi], =v3:i[r10]
            xor.swap v2[rdi], v3[r10], =v4:i~0[rdi]
            branch v1[rsi] -> block2, block3
        block2: depth 1
            jump -> block1(v4)
        block3:
            return v4@rdi[rdi]
        """);

    [Fact]
    public void PreferredTieIsGivenUpWhereItWouldNeedACopy() => Allocates("""
        block0:
            args =v0:i@rdi
            add.tie v0, =v1:i
            add.tie v1, =v2:i
            store v2, v0
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            add.tie v0[rdi], =v1:i[rsi]
            add.tie v1[rsi], =v2:i[rsi]
            store v2[rsi], v0[rdi]
            return
        """);
}
