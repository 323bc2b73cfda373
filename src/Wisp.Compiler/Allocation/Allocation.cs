using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// The answer of an allocator. The emitter walks the instructions and, before each, the edits with its number, in order.
//
// 1. Edits are sorted by Before; those of one point are already a sequence (parallel moves are resolved).
// 2. An edit from slot to slot is allowed, and one that repeats a constant into a slot: where no register is free. No edit writes
//    anything but its target.
// 3. A repeated constant has no From. A Rematerializable instruction whose definition has the place
//    None is needed nowhere as it stands (all its users repeat it), so the emitter leaves it out.
// 4. Edits "before" a block's first instruction run after the jump there; edits before its terminator run before the jump.

/// <summary>A move, or a repeated constant, that the allocator adds.</summary>
internal struct Edit
{
    public int Before;             // instruction index
    public Location From;          // None: repeat the instruction RematerializedInst with its result in To
    public Location To;
    public RegisterClass Class;
    public int RematerializedInst;
    public int Vreg;               // whose value it is, for the checker and the printer
}

/// <summary>Places of all operands, and the moves between.</summary>
internal sealed class Allocation
{
    /// <summary>Per operand of MachineFunction.Operands, its place.</summary>
    public GrowableArray<Location> Locations = new();

    public GrowableArray<Edit> Edits = new();

    /// <summary>Spill slots, 8 bytes each. A v128 has two in a row and is named by the first.</summary>
    public int SlotCount { get; set; }

    /// <summary>Callee-saved registers that are used, a mask over MachineRegister.</summary>
    public uint UsedCalleeSaved { get; set; }

    public void Reset()
    {
        Locations.Clear();
        Edits.Clear();
        SlotCount = 0;
        UsedCalleeSaved = 0;
    }
}
