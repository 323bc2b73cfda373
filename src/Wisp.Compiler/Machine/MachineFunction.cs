using Wisp.Abi;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Machine;

// Machine code over virtual registers, in SSA form: each virtual register has one definition, an operand or a block parameter.
//
// 1. Blocks are in code order; their instructions are contiguous and ascending: Blocks[i].End == Blocks[i + 1].First.
// 2. Only the last instruction of a block is a Terminator, and each block has one.
// 3. No critical edges: where a block has several successors, each of them has one predecessor (or needs no value at
//    all: no parameters and nothing live, like a shared trap block).
//    So moves for an edge go to the end of the source, before its terminator, or to the start of the target. A terminator with
//    a single successor has no operands of its own.
// 4. The entry block has no parameters: a function's arguments are defined by its first instructions, fixed to their registers.

/// <summary>A block of machine code.</summary>
internal struct MachineBlock
{
    public int First;
    public int End;
    public int ParamStart;     // in MachineFunction.Lists: virtual registers
    public int ParamCount;
    public int SuccessorStart; // in MachineFunction.Edges
    public int SuccessorCount;
    public int PredecessorStart;  // in MachineFunction.Lists: block numbers
    public int PredecessorCount;
    public int LoopDepth;
    public bool IsLoopHeader;
    public bool IsCold;
}

/// <summary>A way from a block to a successor, with the virtual registers that its parameters take.</summary>
internal struct MachineEdge
{
    public int Target;
    public int ArgStart;       // in MachineFunction.Lists
    public int ArgCount;
}

/// <summary>A function in machine code over virtual registers.</summary>
internal sealed class MachineFunction
{
    /// <summary>
    /// r11 and xmm15, as a mask over MachineRegister. The emitter takes them as scratch within instructions that clobber them:
    /// these are written while operands are still read, so no operand of such an instruction lies there.
    /// </summary>
    public const uint ScratchRegisters = (1u << (int)MachineRegister.R11) | (1u << (int)MachineRegister.Xmm15);

    public GrowableArray<MachineInst> Insts = new();
    public GrowableArray<Operand> Operands = new();
    public GrowableArray<MachineBlock> Blocks = new();
    public GrowableArray<MachineEdge> Edges = new();
    public GrowableArray<int> Lists = new();

    /// <summary>Per virtual register, its class.</summary>
    public GrowableArray<RegisterClass> Classes = new();

    /// <summary>Registers that an instruction overwrites besides its definitions, as masks over MachineRegister. Entry 0 is empty.</summary>
    public GrowableArray<uint> ClobberSets = new();

    /// <summary>Values that instructions load relative to rip, 16 bytes each.</summary>
    public GrowableArray<UInt128> Constants = new();

    /// <summary>Registers that the allocator may use, a mask over MachineRegister.</summary>
    public uint AllocatableRegisters { get; set; }

    /// <summary>Of those, the ones that the function must save before it uses them.</summary>
    public uint CalleeSavedRegisters { get; set; }

    public FuncIndex Function { get; set; }

    /// <summary>Whether it makes calls through a FuncRef, so that its frame keeps r15 and Execution.</summary>
    public bool SavesContext { get; set; }

    /// <summary>Whether it makes no calls: no stack check at entry while its frame stays small.</summary>
    public bool IsLeaf { get; set; }

    public ReadOnlySpan<Operand> OperandsOf(in MachineInst inst) =>
        Operands.Span.Slice(inst.OperandStart, inst.OperandCount);

    public uint ClobbersOf(in MachineInst inst) => ClobberSets[inst.ClobberSet];

    public void Reset()
    {
        Insts.Clear();
        Operands.Clear();
        Blocks.Clear();
        Edges.Clear();
        Lists.Clear();
        Classes.Clear();
        ClobberSets.Clear();
        ClobberSets.Add(0);
        Constants.Clear();
        SavesContext = false;
        IsLeaf = false;
    }
}
