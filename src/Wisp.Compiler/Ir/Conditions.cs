namespace Wisp.Compiler.Ir;

/// <summary>Condition of an integer comparison.</summary>
internal enum IntCondition : byte
{
    Equal,
    NotEqual,
    LessSigned,
    LessUnsigned,
    GreaterSigned,
    GreaterUnsigned,
    LessOrEqualSigned,
    LessOrEqualUnsigned,
    GreaterOrEqualSigned,
    GreaterOrEqualUnsigned,
}

/// <summary>Condition of a float comparison, as WebAssembly has them: false when unordered, except NotEqual.</summary>
internal enum FloatCondition : byte
{
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

/// <summary>Width and extension of a memory access; the type it extends to is the instruction's. From U64 on only to V128.</summary>
internal enum MemoryAccess : byte
{
    Full,     // the width of the instruction's (or stored value's) type
    U8,
    S8,
    U16,
    S16,
    U32,      // to or from I64; to V128
    S32,      // to I64
    U64,      // the upper lanes are zero, as with U32
    S8x8,     // eight lanes of 8 bits, each extended to 16
    U8x8,
    S16x4,
    U16x4,
    S32x2,
    U32x2,
}
