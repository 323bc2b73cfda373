using System.Runtime.CompilerServices;
using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>One test for each choice that the bundle allocator makes; without the choice, the text is another.</summary>
public sealed class BundleAllocatorChoicesTests
{
    private static void Allocates(string text, string into, [CallerFilePath] string file = "") =>
        AllocatorTexts.Expect(new BundleAllocator(), text, into, file);

    [Fact]
    public void TiedResultTakesOverItsInputsRegister() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            a =v2:i
            add v2, v1, =v3:i~0
            add v3, v1, =v4:i~0
            add v4, v1, =v5:i~0
            store v5, v0
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            a =v2:i[r8]
            add v2[r8], v1[rsi], =v3:i~0[r8]
            add v3[r8], v1[rsi], =v4:i~0[r8]
            add v4[r8], v1[rsi], =v5:i~0[r8]
            store v5[r8], v0[rdi]
            return
        """);

    [Fact]
    public void LongerValueIsServedFirst() => Allocates("""
        registers rax, rcx
        block0:
            a =v0:i
            b =v1:i
            use v0, v1
            use v1
            use v1
            return
        """, into: """
        block0:
            a =v0:i[rax]
            b =v1:i[rcx]
            use v0[rax], v1[rcx]
            use v1[rcx]
            use v1[rcx]
            return
        """);

    [Fact]
    public void ValueUsedInALoopKeepsItsRegisterThoughAnotherHasMoreUses() => Allocates("""
        registers rax, rcx
        block0:
            a =v0:i
            b =v1:i
            use v0
            use v0
            use v0
            jump -> block1
        block1: depth 1 header
            c =v2:i
            use v1, v2
            branch -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            use v0
            return
        """, into: """
        block0:
            a =v0:i[rcx]
            ; v0 rcx -> slot0
            b =v1:i[rax]
            use v0[rcx]
            use v0[rcx]
            use v0[rcx]
            jump -> block1
        block1: depth 1 header
            c =v2:i[rcx]
            use v1[rax], v2[rcx]
            branch -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            ; v0 slot0 -> rcx
            use v0[rcx]
            return
        """);

    [Fact]
    public void LighterValueGivesWay() => Allocates("""
        registers rax, rcx
        block0:
            a =v0:i
            b =v1:i
            use v0
            c =v2:i
            use v2, v1
            use v2, v1
            use v2, v1
            use v0
            use v2, v1
            return
        """, into: """
        block0:
            a =v0:i[rcx]
            ; v0 rcx -> slot0
            b =v1:i[rax]
            ; v1 rax -> slot1
            use v0[rcx]
            c =v2:i[rcx]
            use v2[rcx], v1[rax]
            use v2[rcx], v1[rax]
            use v2[rcx], v1[rax]
            ; v0 slot0 -> rax
            use v0[rax]
            ; v1 slot1 -> rax
            use v2[rcx], v1[rax]
            return
        """);

    [Fact]
    public void CutInALoopMovesToBeforeTheLoopThoughTheValueIsUsedBeforeIt() => Allocates("""
        registers rax, rcx
        block0:
            a =v0:i
            call.call clobbers rcx
            use v0
            jump -> block1
        block1: depth 1 header
            use v0
            call.call clobbers rax
            use v0
            branch -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            use v0
            return
        """, into: """
        block0:
            a =v0:i[rax]
            call.call clobbers rcx
            ; v0 rax -> rcx
            use v0[rax]
            jump -> block1
        block1: depth 1 header
            use v0[rcx]
            call.call clobbers rax
            use v0[rcx]
            branch -> block2, block3
        block2: depth 1
            jump -> block1
        block3:
            use v0[rcx]
            return
        """);

    [Fact]
    public void StretchWithoutUsesTakesARegisterThatIsLeft() => Allocates("""
        registers rax, rcx
        block0:
            a =v1:i
            call.call clobbers rax
            use v1
            b =v0:i
            use v1
            use v1
            use v1
            use v0
            call.call clobbers rax
            use v0
            c =v2:i
            use v0
            call.call clobbers rax
            use v2
            use v2
            use v2
            use v2
            return
        """, into: """
        block0:
            a =v1:i[rcx]
            call.call clobbers rax
            use v1[rcx]
            b =v0:i[rax]
            use v1[rcx]
            use v1[rcx]
            use v1[rcx]
            ; v0 rax -> rcx
            use v0[rax]
            call.call clobbers rax
            ; v0 rcx -> rax
            use v0[rax]
            c =v2:i[rcx]
            use v0[rax]
            call.call clobbers rax
            use v2[rcx]
            use v2[rcx]
            use v2[rcx]
            use v2[rcx]
            return
        """);

    [Fact]
    public void ValuesThatDoNotLiveAtTheSameTimeShareASlot() => Allocates("""
        registers rax
        block0:
            a =v0:i
            call.call clobbers rax
            use v0
            b =v1:i
            call.call clobbers rax
            use v1
            return
        """, into: """
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            call.call clobbers rax
            ; v0 slot0 -> rax
            use v0[rax]
            b =v1:i[rax]
            ; v1 rax -> slot0
            call.call clobbers rax
            ; v1 slot0 -> rax
            use v1[rax]
            return
        """);

    [Fact]
    public void CopyThatTheRegisterStillHoldsIsNotMadeAgain() => Allocates("""
        block0:
            args =v0:i@rdi
            pair v0@rdi, v0@rsi
            pair v0@rdi, v0@rsi
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> rsi
            pair v0@rdi[rdi], v0@rsi[rsi]
            pair v0@rdi[rdi], v0@rsi[rsi]
            return
        """);
}
