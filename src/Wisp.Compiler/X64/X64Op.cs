namespace Wisp.Compiler.X64;

// Operands are listed in order; "addr" stands for the operands that BaseOperand and IndexOperand name, which come after the
// use they follow. Results come last.
//
// Alu, Multiply, FloatAlu and the comparisons take memory for their second operand: then they have a BaseOperand. Those with an
// immediate take memory for their first. Bit 4 of a comparison's Condition (X64Selector.TestFlag) asks for test instead of cmp.

/// <summary>Operation of a machine instruction for x64. From X64VectorOps.First up stand the rows of the table of vector instructions.</summary>
internal enum X64Op : ushort
{
    None,
    Arguments,        // defs fixed to the argument registers
    LoadIncoming,     // def; Displacement from rbp
    LoadOutgoing,     // def; Displacement from rsp: a result in memory behind a call
    StoreOutgoing,    // use; Displacement from rsp: an argument in memory
    StoreResult,      // use; Displacement from rbp: a result of this function in memory
    AdjustStack,      // rsp += Immediate

    Move,             // use, def: integer
    MoveFloat,        // use, def: vector register
    LoadImmediate,    // def; Immediate
    LoadZeroFloat,    // def
    LoadConstant,     // def; Immediate = index in Constants; Size 16: all of it
    LoadOnes,         // def: a vector of ones
    ContextAddress,   // def; Displacement
    LoadReadOnly,     // def; Displacement in the context, of a field that never changes

    Alu,              // use, use, def same as 0; Condition = AluKind
    AluImmediate,     // use, def same as 0
    AluStore,         // use, addr: memory op= register
    AluStoreImmediate,// addr: memory op= Immediate
    Lea,              // addr, def: also plain additions; the emitter uses add where the registers allow it
    Multiply,         // use, use, def same as 0
    MultiplyImmediate,// use, def
    Divide,           // fixed rax, late use, def fixed rax or rdx; Condition = DivideKind
    MultiplyHigh,     // fixed rax, use, def fixed rdx; Condition 1: signed
    Shift,            // use, fixed rcx, def same as 0; Condition = ShiftKind
    ShiftAny,         // use, use, def; with BMI2
    RotateAny,        // use, def; Immediate = to the right; with BMI2
    ShiftImmediate,   // use, def same as 0
    Unary,            // use, def; Condition = UnaryKind

    CompareSet,       // use, use, def; Condition = X64Condition
    CompareSetImmediate,
    CompareBranch,    // use, use; terminator
    CompareBranchImmediate,
    CompareTrap,      // use, use
    CompareTrapImmediate,
    CompareSelect,    // use, use, use when true, use when false, def same as 3
    CompareSelectImmediate, // use, use when true, use when false, def same as 2
    CompareSelectFloat,     // as CompareSelect, with vector values
    CompareSelectFloatImmediate,
    TestBranch,       // use, use
    TestTrap,
    FloatCompareSet,  // use, use, def; Condition = FloatCondition
    FloatCompareBranch,
    FloatCompareTrap,
    VectorTestSet,    // use, use, def; Condition = X64Condition of what ptest says
    VectorTestBranch, // use, use; terminator

    Load,             // addr, def; Size of the result, Scale..; Immediate = MemoryAccess
    Store,            // value, addr
    StoreImmediate,   // addr; Immediate
    LoadFloat,        // addr, def
    StoreFloat,       // value, addr

    FloatAlu,         // use, use, def (same as 0 without AVX); Condition = FloatAluKind
    FloatAluConstant, // use, def (same as 0 without AVX); Immediate = index in Constants
    FloatMinMax,      // use, use, def same as 0; Condition 0 min, 1 max
    FloatSign,        // use, def; Condition: 0 abs, 1 negate
    FloatCopySign,    // use, use, def early
    FloatSqrt,        // use, def
    FloatRound,       // use, def; Condition = rounding mode
    FloatConvert,     // use, def: between F32 and F64; Size of the result
    TruncateTrapping, // use, def; Size of the result, Condition: bit 0 unsigned, bit 1 from f64
    TruncateSaturating,
    ConvertInteger,   // use, [temp def early], def: Size of the result, Condition: bit 0 unsigned, bit 1 from i64
    MoveToFloat,      // use, def; Size
    MoveFromFloat,    // use, def; Size

    Call,             // fixed uses, fixed defs; Immediate = function
    CallReference,    // fixed r10, fixed uses, fixed defs
    CallOwnReference, // the same, of a function of the same instance
    CallImport,       // fixed uses, fixed defs; Displacement in the context
    CallBuiltin,      // fixed uses, fixed defs; Immediate = Builtin
    TailCall,
    TailCallReference,
    TailCallOwnReference,
    TailCallImport,
    StackCheck,
    Jump,             // terminator
    JumpTable,        // use, temp; terminator
    Return,           // fixed uses; terminator
    Trap,             // terminator
    Fence,
}

/// <summary>Two-operand arithmetic; the value is the opcode's number in 81 /n and the row of its other forms.</summary>
internal enum AluKind : byte
{
    Add = 0,
    Or = 1,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// <summary>Shifts; the value is the /n of D3 and C1.</summary>
internal enum ShiftKind : byte
{
    RotateLeft = 0,
    RotateRight = 1,
    ShiftLeft = 4,
    ShiftRight = 5,
    ShiftRightSigned = 7,
}

/// <summary>Divisions.</summary>
internal enum DivideKind : byte
{
    QuotientSigned,
    QuotientUnsigned,
    RemainderSigned,
    RemainderUnsigned,
}

/// <summary>Operations on one integer.</summary>
internal enum UnaryKind : byte
{
    LeadingZeros,
    TrailingZeros,
    PopulationCount,
    Extend8,
    Extend16,
    Extend32,
    ZeroUpper,
}

/// <summary>Scalar float arithmetic; the value is the last byte of the opcode.</summary>
internal enum FloatAluKind : byte
{
    Add = 0x58,
    Multiply = 0x59,
    Subtract = 0x5C,
    Divide = 0x5E,
}

/// <summary>Condition codes of jcc, setcc and cmovcc; flipping bit 0 inverts.</summary>
internal enum X64Condition : byte
{
    Overflow = 0,
    NoOverflow = 1,
    Below = 2,
    AboveOrEqual = 3,
    Equal = 4,
    NotEqual = 5,
    BelowOrEqual = 6,
    Above = 7,
    Sign = 8,
    NoSign = 9,
    Parity = 10,
    NoParity = 11,
    Less = 12,
    GreaterOrEqual = 13,
    LessOrEqual = 14,
    Greater = 15,
}
