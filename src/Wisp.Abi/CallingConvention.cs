using Wisp.Wasm.Model;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Abi;

// How compiled code calls compiled code, and how the universal stubs of the runtime see a call.
//
//   arguments   integers and references: rdi rsi rdx rcx r8 r9;   floats and vectors: xmm0..xmm7;   the rest in memory
//   results     integers and references: rax rdx rcx rsi rdi r8;  floats and vectors: xmm0..xmm7;   the rest in memory
//   fixed       r15 context and memory base, rsp stack, rbp frame chain
//   scratch     r11 and xmm15 carry nothing into or out of calls; instructions of several steps and stubs use them up
//   callee-saved rbx r12 r13 r14 rbp; nothing of the vector registers. r10 carries the FuncRef or Builtin into stubs.
//
// The caller makes room for results in memory and then for arguments in memory, so that at the callee's entry:
//
//     rsp+8+A+R ──►┌───────────────────────────┐
//                  │ results in memory (R)     │  result k at rbp + 16 + A + its offset
//     rsp+8+A ────►├───────────────────────────┤
//                  │ arguments in memory (A)   │  argument k at rbp + 16 + its offset
//     rsp+8 ──────►├───────────────────────────┤
//                  │ return address            │
//     rsp ────────►└───────────────────────────┘
//
// The callee pops A ("ret A"), never R. Each memory value takes 8 bytes, a v128 16 without alignment: accesses are unaligned ones.
// An i32 in a register or a slot always has its upper 32 bits zero. An f32 in memory takes the low 4 of its 8 bytes.
// Nothing below rsp is ever used (signal frames land there), and rsp is a multiple of 8 only: stubs that call C# align it.
//
// A call through a FuncRef of another context (an import; call_indirect and call_ref when FuncRef.Context differs from r15):
//     mov r10, funcref             ; arguments already in place
//     call [r15+EnterContextStub]  ; r11 = FuncRef.Code. If FuncRef.Context is not zero: r15 = FuncRef.Context, with Execution and
//                                  ; StackLimit carried over. Keeps all but r11 and flags.
//     call r11
//     mov r15, [rbp-8]             ; frames with such calls keep r15 there
//     call [r15+LeaveContextStub]  ; restores Execution and StackLimit of this context. Keeps all but r11 and flags.
// LeaveContextStub finds the running execution through the thread's stack: the word at [rbp-16] of such a frame is Execution.
//
// A Builtin is called with these same conventions, its number in r10d:  call [r15+BuiltinStub].

/// <summary>Where one argument or result is.</summary>
/// <param name="Register">Its register, or null when in memory.</param>
/// <param name="Offset">In memory: bytes from the start of the argument or result area.</param>
/// <param name="Type">Its type.</param>
internal readonly record struct ValueLocation(MachineRegister? Register, int Offset, ValType Type);

/// <summary>Locations of a function type's arguments and results.</summary>
internal sealed class CallingConvention
{
    public static readonly MachineRegister[] IntegerArguments = [Rdi, Rsi, Rdx, Rcx, R8, R9];
    public static readonly MachineRegister[] IntegerResults = [Rax, Rdx, Rcx, Rsi, Rdi, R8];
    public static readonly MachineRegister[] CalleeSaved = [Rbx, R12, R13, R14];
    public const int VectorRegisters = 8;

    public CallingConvention(FunctionType type)
    {
        Arguments = Assign(type.Parameters, IntegerArguments, out int argumentBytes);
        Results = Assign(type.Results, IntegerResults, out int resultBytes);
        ArgumentBytes = argumentBytes;
        ResultBytes = resultBytes;
    }

    public ValueLocation[] Arguments { get; }

    public ValueLocation[] Results { get; }

    /// <summary>Bytes of arguments in memory; the callee pops them.</summary>
    public int ArgumentBytes { get; }

    /// <summary>Bytes of results in memory; the caller pops them.</summary>
    public int ResultBytes { get; }

    private static ValueLocation[] Assign(ValType[] types, MachineRegister[] integers, out int bytes)
    {
        var locations = new ValueLocation[types.Length];
        int nextInteger = 0;
        int nextVector = 0;
        bytes = 0;
        for (int i = 0; i < types.Length; i++)
        {
            bool isVector = types[i].Kind is ValueKind.F32 or ValueKind.F64 or ValueKind.V128;
            if (isVector && nextVector < VectorRegisters)
            {
                locations[i] = new ValueLocation((MachineRegister)((int)Xmm0 + nextVector++), 0, types[i]);
            }
            else if (!isVector && nextInteger < integers.Length)
            {
                locations[i] = new ValueLocation(integers[nextInteger++], 0, types[i]);
            }
            else
            {
                locations[i] = new ValueLocation(null, bytes, types[i]);
                bytes += types[i].Kind == ValueKind.V128 ? 16 : 8;
            }
        }

        return locations;
    }
}
