using Wisp.Abi;

namespace Wisp.Compiler.Machine;

/// <summary>What an operand demands of its place.</summary>
internal enum OperandConstraint : byte
{
    /// <summary>Register or spill slot.</summary>
    Any,

    /// <summary>Any register of its class.</summary>
    Register,

    /// <summary>One given register.</summary>
    Fixed,

    /// <summary>A definition in the same register as the use at the given operand position (two-address instructions).</summary>
    SameAsInput,
}

/// <summary>When an operand holds its place, within its instruction.</summary>
internal enum OperandPosition : byte
{
    /// <summary>Uses: read at the start. An early definition also conflicts with every use.</summary>
    Early,

    /// <summary>Definitions: written at the end. A late use stays live through the instruction.</summary>
    Late,
}

/// <summary>Class of a virtual register.</summary>
internal enum RegisterClass : byte
{
    Integer,   // 8 bytes; spill slot of 8
    Float,     // f32 or f64 in the low part of a vector register; spill slot of 8
    Vector,    // v128; spill slot of 16. Same registers as Float.
}

/// <summary>An operand of a machine instruction, before allocation.</summary>
internal struct Operand
{
    public int Vreg;
    public OperandConstraint Constraint;
    public OperandPosition Position;
    public bool IsDef;
    public byte Detail;   // Fixed: the MachineRegister. SameAsInput: position of the use among the instruction's operands.

    public static Operand Use(int vreg, OperandConstraint constraint = OperandConstraint.Register) =>
        new() { Vreg = vreg, Constraint = constraint, Position = OperandPosition.Early };

    public static Operand UseLate(int vreg, OperandConstraint constraint = OperandConstraint.Register) =>
        new() { Vreg = vreg, Constraint = constraint, Position = OperandPosition.Late };

    public static Operand UseFixed(int vreg, MachineRegister register) =>
        new() { Vreg = vreg, Constraint = OperandConstraint.Fixed, Position = OperandPosition.Early, Detail = (byte)register };

    public static Operand Def(int vreg, OperandConstraint constraint = OperandConstraint.Register) =>
        new() { Vreg = vreg, Constraint = constraint, Position = OperandPosition.Late, IsDef = true };

    public static Operand DefEarly(int vreg) =>
        new() { Vreg = vreg, Constraint = OperandConstraint.Register, Position = OperandPosition.Early, IsDef = true };

    public static Operand DefFixed(int vreg, MachineRegister register) => new()
    {
        Vreg = vreg,
        Constraint = OperandConstraint.Fixed,
        Position = OperandPosition.Late,
        IsDef = true,
        Detail = (byte)register,
    };

    public static Operand DefSameAs(int vreg, int input) => new()
    {
        Vreg = vreg,
        Constraint = OperandConstraint.SameAsInput,
        Position = OperandPosition.Late,
        IsDef = true,
        Detail = (byte)input,
    };
}
