namespace Wisp.Compiler.Ir;

/// <summary>Operation of an SSA instruction. What A, B, C, D and Flags hold is said behind each.</summary>
/// <remarks>
/// "type" is Inst.Type: for comparisons and conversions the type of the result; the operand's type is that of the value A names.
/// v: a value. Offsets and immediates are plain numbers. "list" is a start and a count in SsaFunction.Lists.
/// </remarks>
internal enum Op : ushort
{
    Nop,              // removed instruction
    Param,            // A = block, B = position among the block's parameters
    Const,            // I32, I64, F32, F64: A = low 32 bits, B = high 32 bits
    ConstVector,      // V128: A = index in SsaFunction.Vectors

    // Integers: A, B values. type I32 or I64.
    Add, Sub, Mul, And, Or, Xor, Shl, ShrS, ShrU, RotL, RotR,
    DivS, DivU, RemS, RemU,       // may trap: division by zero; DivS also overflow
    Clz, Ctz, Popcnt,             // A
    Extend8S, Extend16S, Extend32S,   // A; in place, type I32 or I64
    ZeroExtend,       // I64 from i32 A
    SignExtend,       // I64 from i32 A
    Wrap,             // I32 from i64 A
    Compare,          // I32: A, B integers, Flags = IntCondition
    IsZero,           // I32: A integer; eqz

    // Floats: A, B values. type F32 or F64.
    FAdd, FSub, FMul, FDiv, FMin, FMax, FCopySign,
    FAbs, FNeg, FSqrt, FCeil, FFloor, FTrunc, FNearest,
    FCompare,         // I32: A, B floats, Flags = FloatCondition
    FDemote,          // F32 from F64
    FPromote,         // F64 from F32
    TruncS, TruncU,           // integer type from float A; may trap: BadConversionToInteger (NaN), IntegerOverflow
    TruncSatS, TruncSatU,     // the same, saturating
    ConvertS, ConvertU,       // float type from integer A
    Reinterpret,      // same bits, other register class

    Select,           // type: A = i32 condition, B when not zero, C when zero

    // Linear memory 0 in the slot, guarded: the address is r15 + zero-extended i32 A + unsigned offset C.
    Load,             // B unused, C = offset (uint), D = AliasRegion, Flags = MemoryAccess; may trap
    Store,            // A = address, B = value, C, D, Flags as for Load; may trap

    // Native memory: the address is i64 A + signed offset C. Used for other memories, tables, globals, func refs.
    LoadAt,           // A, C, D, Flags as above; traps only where InstFlags say so (see CanTrap)
    StoreAt,          // A, B, C, D, Flags

    // The context: [r15 + C], C negative, from VmLayout.
    LoadContext,      // C, D, Flags
    StoreContext,     // B = value, C, D, Flags
    ContextAddress,   // I64: r15 + C

    MemoryBarrier,    // atomic.fence
    AtomicLoad,       // reserved for threads: A = native address, Flags = MemoryAccess, D
    AtomicStore,      // A, B, D, Flags
    AtomicRmw,        // A, B = operand, C = AtomicOperation, D, Flags
    AtomicCompareExchange,   // A, B = expected, C = replacement (a value), D, Flags

    TrapIf,           // A = i32 value; traps with code C when it is not zero
    TrapUnless,       // A = i32 value; traps with code C when it is zero
    StackCheck,       // at loop headers: poll for interruption and stack overflow

    // Calls. list = arguments. The call's own value is result 0; CallResult instructions right behind it name the others.
    Call,             // A = function index (not imported), B, C = list, D = type index
    CallImport,       // A = function index (imported), B, C = list, D = type index
    CallRef,          // A = FuncRef address (value, known not null), B, C = list, D = type index, Flags = CallFlags
    CallBuiltin,      // A = Builtin, B, C = list, D = index in SsaFunction.BuiltinTypes is the Builtin itself
    CallResult,       // A = call, B = result number, from 1

    // Terminators: the last instruction of each block, and only there.
    Jump,             // A = edge
    Branch,           // A = i32 condition, B = edge when not zero, C = edge when zero
    BranchTable,      // A = i32 index, B = first edge, C = number of edges; the last is the default
    Return,           // B, C = list
    Trap,             // C = trap code
    TailCall,         // as Call
    TailCallImport,   // as CallImport
    TailCallRef,      // as CallRef

    // Vectors. D = the WebAssembly instruction (an Opcode), which says what is done and of which types the operands are; the text names
    // it instead of these. Relaxed instructions are gone: each has become the one that their deterministic profile makes of it.
    VectorUnary,      // A; C = lane of an extract_lane
    VectorBinary,     // A, B; C = lane of a replace_lane, index in SsaFunction.Vectors of a shuffle
    VectorTernary,    // A, B, C: bitselect
}
