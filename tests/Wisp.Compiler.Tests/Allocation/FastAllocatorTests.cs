using System.Runtime.CompilerServices;
using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Tests.Allocation;

public sealed class FastAllocatorTests
{
    private static void Allocates(string text, string into, [CallerFilePath] string file = "") =>
        AllocatorTexts.Expect(new FastAllocator(), text, into, file);

    [Fact]
    public void ValuesInOneBlockStayInRegisters() => Allocates("""
        block0:
            args =v0:i@rdi, =v1:i@rsi
            add v0, v1, =v2:i~0
            return v2@rax
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            ; v0 rdi -> rax
            ; v1 rsi -> rcx
            add v0[rax], v1[rcx], =v2:i~0[rax]
            return v2@rax[rax]
        """);

    [Fact]
    public void ValuesBetweenBlocksLiveInSlotsThatTheirDefinitionFills() => Allocates("""
        block0:
            args =v0:i@rdi
            jump -> block1(v0)
        block1(v1:i): depth 1 header
            add v1, v0, =v2:i~0
            branch v2 -> block2, block3
        block2: depth 1
            jump -> block1(v2)
        block3:
            return v2@rax
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> slot2
            ; v0 slot2 -> r11
            ; v0 r11 -> slot1
            jump -> block1(v0)
        block1(v1:i): depth 1 header
            ; v0 slot2 -> rcx
            ; v1 slot1 -> rax
            add v1[rax], v0[rcx], =v2:i~0[rax]
            ; v2 rax -> slot0
            branch v2[rax] -> block2, block3
        block2: depth 1
            ; v2 slot0 -> r11
            ; v2 r11 -> slot1
            jump -> block1(v2)
        block3:
            ; v2 slot0 -> rax
            return v2@rax[rax]
        """);

    [Fact]
    public void ValueAcrossACallIsReloadedBehindIt() => Allocates("""
        block0:
            args =v0:i@rdi
            call.call v0@rdi, =v1:i@rax clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            add v1, v0, =v2:i~0
            return v2@rax
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> slot0
            call.call v0@rdi[rdi], =v1:i@rax[rax] clobbers rax, rcx, rdx, rsi, rdi, r8, r9, r10
            ; v0 slot0 -> rcx
            add v1[rax], v0[rcx], =v2:i~0[rax]
            return v2@rax[rax]
        """);

    [Fact]
    public void FixedRegistersAreFreedBeforeArgumentsAreCopied() => Allocates("""
        registers rax, rcx, rsi, rdi
        block0:
            args =v0:i@rdi, =v1:i@rsi
            call.call v1@rdi, v0@rsi
            use v0, v1
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi], =v1:i@rsi[rsi]
            ; v0 rdi -> rax
            ; v1 rsi -> rcx
            ; v1 rcx -> rdi
            ; v0 rax -> rsi
            call.call v1@rdi[rdi], v0@rsi[rsi]
            use v0[rax], v1[rcx]
            return
        """);
}
