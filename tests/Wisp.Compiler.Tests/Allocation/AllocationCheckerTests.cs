using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>The checker finds what is wrong with allocations that were right before a test damaged them.</summary>
public sealed class AllocationCheckerTests
{
    private readonly MachineFunction _function = new()
    {
        AllocatableRegisters = RandomMachineFunction.Allocatable,
        CalleeSavedRegisters = RandomMachineFunction.CalleeSaved,
    };

    private readonly Compiler.Allocation.Allocation _allocation = new();

    [Fact]
    public void FindsUseOfAnotherValuesRegister()
    {
        Allocate("block0:\n args =v0:i@rdi, =v1:i@rsi\n use v0\n use v1\n return");
        _allocation.Locations[2] = Location.Of(MachineRegister.Rsi);
        Refuses("block0, instruction 1: operand 0 (v0) is read from rsi, which holds v1");
    }

    [Fact]
    public void FindsValueLostInACall()
    {
        Allocate("block0:\n args =v0:i@rdi\n call.call clobbers rdi\n use v0\n return");
        _allocation.Edits.Clear();
        _allocation.Locations[1] = Location.Of(MachineRegister.Rdi);
        Refuses("operand 0 (v0) is read from rdi, which holds nothing known");
    }

    [Fact]
    public void FindsMissingCopyOnOneOfTwoEdges()
    {
        Allocate("""
            block0:
                args =v0:i@rdi, =v1:i@rsi
                branch v0 -> block1, block2
            block1:
                jump -> block3(v0)
            block2:
                jump -> block3(v1)
            block3(v2:i):
                use v2
                return
            """);
        _allocation.Edits.Clear();
        Refuses("block3, instruction 4: operand 0 (v2) is read from");
    }

    [Fact]
    public void FindsValueOfThePreviousRoundOfALoop()
    {
        Allocate("""
            block0:
                a =v0:i
                jump -> block1(v0)
            block1(v1:i): depth 1 header
                b =v2:i
                use v1
                branch v2 -> block2, block3
            block2: depth 1
                jump -> block1(v2)
            block3:
                return
            """);
        _allocation.Edits.Clear();
        Refuses("(v1) is read from");
    }

    [Fact]
    public void FindsUntiedRegisters()
    {
        Allocate("block0:\n args =v0:i@rdi\n add v0, =v1:i~0\n return v1@rax");
        _allocation.Locations[2] = Location.Of(MachineRegister.Rcx);
        Refuses("operand 1 (v1) is in rcx, tied to operand 0 in");
    }

    [Fact]
    public void FindsSlotWhereARegisterIsWanted()
    {
        Allocate("block0:\n args =v0:i@rdi\n use v0\n return");
        _allocation.SlotCount = 1;
        _allocation.Locations[1] = Location.Slot(0);
        Refuses("operand 0 (v0) is in slot0 and wants a register");
    }

    [Fact]
    public void FindsEarlyDefinitionInAUsesRegister()
    {
        Allocate("block0:\n args =v0:i@rdi\n op v0, =v1:i!\n return");
        _allocation.Locations[2] = _allocation.Locations[1];
        Refuses("operands 1 (v1) and 0 (v0) share rdi");
    }

    [Fact]
    public void FindsSavedRegisterThatIsNotSaved()
    {
        Allocate("block0:\n a =v0:i\n return");
        _allocation.Locations[0] = Location.Of(MachineRegister.Rbx);
        Refuses("rbx is written, but not among the saved registers");
    }

    [Fact]
    public void FindsHalfAVectorInASlot()
    {
        Allocate("registers xmm0, xmm1, rax\nblock0:\n a =v0:v?\n b =v1:f?\n use v0?\n return");
        _allocation.SlotCount = 3;
        _allocation.Locations[0] = Location.Slot(0);
        _allocation.Locations[1] = Location.Slot(1);
        _allocation.Locations[2] = Location.Slot(0);
        Refuses("operand 0 (v0) is read from slot0, which holds v0");
    }

    [Fact]
    public void FindsMostEditsThatAreTakenAway()
    {
        int found = 0;
        int tried = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            MachineFunction function = RandomMachineFunction.Make(seed);
            new BundleAllocator().Allocate(function, _allocation);
            for (int edit = 0; edit < _allocation.Edits.Count; edit += 7)
            {
                Edit taken = _allocation.Edits[edit];
                _allocation.Edits[edit] = taken with { From = taken.To };
                tried++;
                try
                {
                    AllocationChecker.Check(function, _allocation);
                }
                catch (AllocationException)
                {
                    found++;
                }

                _allocation.Edits[edit] = taken;
            }
        }

        // The rest fill slots that no path reads again before the value is stored elsewhere, or copy twice.
        Assert.True(found > tried * 0.95, $"{found} of {tried}");
    }

    private void Allocate(string text)
    {
        MachineParser.Parse(text, new AnyOpNames(), _function);
        MachineVerifier.Verify(_function);
        new BundleAllocator().Allocate(_function, _allocation);
        AllocationChecker.Check(_function, _allocation);
    }

    private void Refuses(string message)
    {
        AllocationException fault = Assert.Throws<AllocationException>(() => AllocationChecker.Check(_function, _allocation));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }
}
