namespace Wisp.Compiler.Machine;

/// <summary>What the allocator and the emitter need to know of an instruction besides its operands.</summary>
[Flags]
internal enum MachineInstFlags : byte
{
    None = 0,

    /// <summary>Copies operand 0 (use) to operand 1 (def); the allocator tries to give both one place and may remove it.</summary>
    Move = 1,

    /// <summary>
    /// Makes the same value wherever it stands in the function: has one def, no use, no effect, and may be repeated instead of being
    /// kept in a slot.
    /// </summary>
    Rematerializable = 2,

    /// <summary>Ends its block.</summary>
    Terminator = 4,

    /// <summary>Calls: clobbers what MachineFunction.ClobbersOf says.</summary>
    Call = 8,

    /// <summary>Operands 0 and 1, uses, may change places; the allocator does it to tie the one that ends here.</summary>
    Commutative = 16,

    /// <summary>Shorter with its result, the last operand, in the register of operand 0: the allocator tries, but need not.</summary>
    PrefersTied = 32,
}

// An address in operands:  base + index * 2^Scale + Displacement.  BaseOperand and IndexOperand are positions among the
// instruction's operands; NoOperand: absent; ContextBase: r15. ConstantBase: no address, but an entry of MachineFunction.Constants,
// whose index Displacement is.

/// <summary>A machine instruction, before and after allocation; operands are a run in MachineFunction.Operands.</summary>
internal struct MachineInst
{
    public const byte NoOperand = 255;
    public const byte ContextBase = 254;
    public const byte ConstantBase = 253;

    public ushort Op;              // X64Op
    public MachineInstFlags Flags;
    public byte Size;              // operand size in bytes: 1, 2, 4, 8, 16
    public byte Condition;         // machine condition code, where the op has one
    public byte OperandCount;
    public byte BaseOperand;
    public byte IndexOperand;
    public byte Scale;
    public byte TrapCode;          // of the access or the explicit trap; zero: cannot trap
    public ushort ClobberSet;      // index in MachineFunction.ClobberSets; zero: none; see MachineFunction.ScratchRegisters
    public int OperandStart;
    public int Displacement;
    public long Immediate;         // also: function index of a call, block of a branch, constant pool entry
    public int SourceOffset;       // in the module's bytes
}
