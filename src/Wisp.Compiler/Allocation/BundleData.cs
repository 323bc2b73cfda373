using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// The allocator's records, in flat arrays; they name each other by index.
//
// Positions number the instructions and, before each block's first one, its start:
//
//   block0   start  i0  i1  i2   block1   start  i3  i4        position(i) = i + block + 1, start(block) = first + block
//            0      1   2   3             4      5   6
//
// A program point is 2 * position for the time before and while an instruction reads its operands, plus 1 while it writes its
// results. Edges end, and parameters begin, at a block's start. Ranges are half open: [From, To).

/// <summary>How an operand touches its value, and so which points it needs.</summary>
internal enum UseKind : byte
{
    EarlyUse,        // [2i, 2i+1)
    LateUse,         // [2i, 2i+2)
    LateDefinition,  // [2i+1, 2i+2)
    EarlyDefinition, // [2i, 2i+2): early, or tied to a use
    CopiedUse,       // none: a fixed or tied use reads a copy made before the instruction, from wherever the value then is
    CopiedDefinition, // none: a fixed definition is copied behind the instruction to wherever the value is wanted
}

/// <summary>An operand, as the allocator sees it.</summary>
internal struct ValueUse
{
    public int Point;          // where it falls when its range is split
    public int Position;       // of the instruction
    public int Operand;        // in MachineFunction.Operands
    public float Weight;
    public UseKind Kind;
    public bool NeedsRegister;
    public sbyte Hint;         // register of a copied use or definition, or NoRegister
}

/// <summary>A contiguous stretch of a value's life, all in one place.</summary>
internal struct LiveRange
{
    public int From;
    public int To;
    public int Vreg;           // BundleAllocator.None: the record is unused
    public int Bundle;
    public int FirstUse;       // run in the array of uses
    public int UseCount;
    public int Next;           // the bundle's next range, ascending
}

/// <summary>Ranges that get one place together; they never overlap.</summary>
internal struct LiveBundle
{
    public int First;
    public int Last;
    public int SpillSet;
    public int Length;         // points in its ranges: its priority
    public int FoundBy;        // number of the last probe of a register that found it in the way
    public float Weight;       // what its uses cost in memory, per point
    public float TotalWeight;
    public RegisterClass Class;
    public sbyte Register;
    public sbyte Hint;
    public bool IsMinimal;     // lies within one instruction, so it cannot be split
    public bool NeedsRegister;
    public bool HasHints;
    public bool IsSpill;
}

/// <summary>What all parts of a once unsplit bundle have in common: their slot.</summary>
internal struct SpillSet
{
    public int SpillBundle;
    public int Slot;
    public int Splits;
    public int From;
    public int To;
    public sbyte Hint;
}
