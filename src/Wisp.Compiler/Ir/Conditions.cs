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

/// <summary>Width and extension of a memory access; the type it extends to is the instruction's.</summary>
internal enum MemoryAccess : byte
{
    Full,     // the width of the instruction's (or stored value's) type
    U8,
    S8,
    U16,
    S16,
    U32,      // to or from I64
    S32,      // to I64
}
