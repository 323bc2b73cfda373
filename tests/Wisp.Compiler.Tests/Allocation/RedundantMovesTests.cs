using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>The clean-up on allocations written by hand, in the printer's form; the checker proves each before and after.</summary>
public sealed partial class RedundantMovesTests
{
    [Fact]
    public void DropsReloadOfWhatTheRegisterStillHolds() => Rewrites("""
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> slot0
            call.call clobbers rax, rdi
            ; v0 slot0 -> rax
            use v0[rax]
            ; v0 slot0 -> rax
            use v0[rax]
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> slot0
            call.call clobbers rax, rdi
            ; v0 slot0 -> rax
            use v0[rax]
            use v0[rax]
            return
        """);

    [Fact]
    public void ReadsTheRegisterAndDropsTheStoreThatNobodyReads() => Rewrites("""
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            use v0?[slot0]
            ; v0 slot0 -> rcx
            use v0[rcx]
            return
        """, into: """
        block0:
            a =v0:i[rax]
            use v0?[rax]
            ; v0 rax -> rcx
            use v0[rcx]
            return
        """);

    [Fact]
    public void KnowsAtABranchTargetWhatTheRegistersHeldAtTheBranch() => Rewrites("""
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            branch v0[rax] -> block1, block2
        block1:
            call.call clobbers rax
            jump -> block3
        block2:
            use v0?[slot0]
            jump -> block3
        block3:
            return
        """, into: """
        block0:
            a =v0:i[rax]
            branch v0[rax] -> block1, block2
        block1:
            call.call clobbers rax
            jump -> block3
        block2:
            use v0?[rax]
            jump -> block3
        block3:
            return
        """);

    [Fact]
    public void KnowsNothingAtAJoin() => Leaves("""
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            branch v0[rax] -> block1, block2
        block1:
            call.call clobbers rax
            jump -> block3
        block2:
            use v0[rax]
            jump -> block3
        block3:
            use v0?[slot0]
            return
        """);

    [Fact]
    public void KeepsTheStoreOfAnArgumentWhoseParameterIsReadFromTheSlot() => Leaves("""
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            jump -> block1(v0)
        block1(v1:i): depth 1 header
            use v1?[slot0]
            branch -> block2, block3
        block2: depth 1
            a =v2:i[rcx]
            ; v2 rcx -> slot0
            jump -> block1(v2)
        block3:
            return
        """);

    [Fact]
    public void ReadsNoRegisterThatTheInstructionWritesEarly() => Leaves("""
        registers rax, rcx, r11
        block0:
            a =v0:i[r11]
            a =v1:i[rax]
            ; v0 r11 -> slot0
            ; v1 rax -> slot1
            use v0?[slot0] clobbers r11
            use v1?[slot1], =v2:i![rax]
            use v2[rax]
            return
        """);

    [Fact]
    public void OperandsThatMayChangePlacesDoSoInsteadOfReloadingOneOverTheOther() => Rewrites("""
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            call.call clobbers rax
            a =v1:i[rax]
            ; v1 rax -> slot1
            ; v0 slot0 -> rax
            add.swap v0[rax], v1?[slot1], =v2:i~0[rax]
            use v1?[slot1]
            return
        """, into: """
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            call.call clobbers rax
            a =v1:i[rax]
            ; v1 rax -> slot1
            add.swap v1[rax], v0?[slot0], =v2:i~0[rax]
            use v1?[slot1]
            return
        """);

    [Fact]
    public void KeepsTheReloadWhoseRegisterIsReadAgain() => Leaves("""
        block0:
            a =v0:i[rax]
            ; v0 rax -> slot0
            call.call clobbers rax
            a =v1:i[rax]
            ; v1 rax -> slot1
            ; v0 slot0 -> rax
            add.swap.tie v0[rax], v1?[slot1], =v2:i[rcx]
            use v0[rax]
            return
        """);

    [Fact]
    public void DropsMoveToWhereTheValueAlreadyIs() => Rewrites("""
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> rcx
            use v0[rcx]
            ; v0 rcx -> rdi
            use v0@rdi[rdi]
            return
        """, into: """
        block0:
            args =v0:i@rdi[rdi]
            ; v0 rdi -> rcx
            use v0[rcx]
            use v0@rdi[rdi]
            return
        """);

    private static void Leaves(string text, [CallerFilePath] string file = "", [CallerMemberName] string test = "") =>
        Rewrites(text, text, file, test);

    private static void Rewrites(string text, string into, [CallerFilePath] string file = "", [CallerMemberName] string test = "")
    {
        var names = new AnyOpNames();
        var function = new MachineFunction { AllocatableRegisters = RandomMachineFunction.Allocatable };
        var allocation = new Compiler.Allocation.Allocation();
        Read(text, names, function, allocation);
        AllocationChecker.Check(function, allocation);
        new RedundantMoves().Remove(function, allocation);
        AllocationChecker.Check(function, allocation);
        string printed = MachinePrinter.Print(function, names, allocation).TrimEnd('\n');
        GoldenText.Check(into[into.IndexOf("block0", StringComparison.Ordinal)..], printed, file, test);
    }

    /// <summary>Reads the printer's form: a place in brackets behind each operand, an edit behind a semicolon.</summary>
    private static void Read(string text, AnyOpNames names, MachineFunction function, Compiler.Allocation.Allocation allocation)
    {
        var code = new StringBuilder();
        var moves = new List<(int Before, Match Move)>();
        var places = new List<Location>();
        int inst = 0;
        foreach (string line in text.Split('\n'))
        {
            if (Move().Match(line) is { Success: true } move)
            {
                moves.Add((inst, move));
                continue;
            }

            places.AddRange(Place().Matches(line).Select(match => PlaceOf(match.Groups[1].Value)));
            inst += line.StartsWith(' ') ? 1 : 0;
            code.Append(Place().Replace(line, "")).Append('\n');
        }

        MachineParser.Parse(code.ToString(), names, function);
        allocation.Locations.AddRange([.. places]);
        foreach ((int before, Match move) in moves)
        {
            int vreg = int.Parse(move.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            allocation.Edits.Add(new Edit
            {
                Before = before,
                From = PlaceOf(move.Groups[2].Value),
                To = PlaceOf(move.Groups[3].Value),
                Class = function.Classes[vreg],
                Vreg = vreg,
            });
        }

        allocation.SlotCount = 2;
    }

    private static Location PlaceOf(string text) =>
        LocationText.TryParseRegister(text, out MachineRegister register)
            ? Location.Of(register)
            : Location.Slot(int.Parse(text.AsSpan("slot".Length), CultureInfo.InvariantCulture));

    [GeneratedRegex(@"; v(\d+) (\w+) -> (\w+)")]
    private static partial Regex Move();

    [GeneratedRegex(@"\[(\w+)\]")]
    private static partial Regex Place();
}
