using System.Runtime.InteropServices;

namespace Wisp.Stacks;

// One entry from the host into guest code, as the stubs see it. It lies at the top of the guest stack that it runs on:
//
//   lower addresses                                                                            higher addresses
//   ┌──────────┬───────────────┬──────────────────────┬──────────────────┬──────────────────┬────────────────────┐
//   │ guard    │ headroom      │ guest frames         │ arguments in     │ results in       │ Execution          │
//   │ no access│ 64 KiB        │ grow this way ◄──    │ memory           │ memory           │                    │
//   └──────────┴───────────────┴──────────────────────┴──────────────────┴──────────────────┴────────────────────┘
//                              RealLimit              EntryRsp                              the record's address
//
// 1. StackLimit is RealLimit, or Poisoned to make the guest call the interrupt stub at its next check. Any thread may poison it;
//    only the thread that runs the execution takes the poison away.
// 2. HostRsp is valid while the guest runs: the stack pointer of the thread inside Enter or Resume.
// 3. GuestRsp and ResumePc are valid while the guest is in the host: what to go on with.
// 4. At the bottom of the guest's chain of frames rbp is the record's own address.
// 5. The registers hold arguments before Enter and results after it.

/// <summary>The native record of one entry into guest code.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct Execution
{
    public const int Bytes = 320;
    public const ulong Poisoned = ulong.MaxValue;

    public const int StackLimitAt = 0;
    public const int HostRspAt = 8;
    public const int GuestRspAt = 16;
    public const int RealLimitAt = 24;
    public const int ResumePcAt = 32;
    public const int HostCallAt = 40;
    public const int BuiltinCallAt = 48;
    public const int InterruptCallAt = 56;
    public const int CodeAt = 64;
    public const int ContextAt = 72;
    public const int EntryRspAt = 80;
    public const int FuncRefAt = 88;
    public const int TrapPcAt = 96;
    public const int TrapAddressAt = 104;
    public const int TrapRbpAt = 112;
    public const int TrapSignalAt = 120;
    public const int TrapCodeAt = 124;
    public const int HandleAt = 128;
    public const int IntegersAt = 144;     // six: rdi rsi rdx rcx r8 r9 in, rax rdx rcx rsi rdi r8 out
    public const int VectorsAt = 192;      // xmm0 to xmm7

    [FieldOffset(StackLimitAt)]
    public ulong StackLimit;

    [FieldOffset(HostRspAt)]
    public nint HostRsp;

    [FieldOffset(GuestRspAt)]
    public nint GuestRsp;

    [FieldOffset(RealLimitAt)]
    public ulong RealLimit;

    [FieldOffset(ResumePcAt)]
    public nint ResumePc;

    [FieldOffset(HostCallAt)]
    public delegate* unmanaged[Cdecl]<Execution*, HostBlock*, long> HostCall;

    [FieldOffset(BuiltinCallAt)]
    public delegate* unmanaged[Cdecl]<Execution*, HostBlock*, long> BuiltinCall;

    /// <summary>The second argument is the stub's frame: the saved rbp, then the return address in the guest.</summary>
    [FieldOffset(InterruptCallAt)]
    public delegate* unmanaged[Cdecl]<Execution*, nint*, long> InterruptCall;

    [FieldOffset(CodeAt)]
    public nint Code;

    [FieldOffset(ContextAt)]
    public nint Context;

    [FieldOffset(EntryRspAt)]
    public nint EntryRsp;

    [FieldOffset(FuncRefAt)]
    public nint FuncRef;

    /// <summary>Where a trap happened; zero when the stack's frames alone tell.</summary>
    [FieldOffset(TrapPcAt)]
    public nint TrapPc;

    /// <summary>The address of the access that faulted.</summary>
    [FieldOffset(TrapAddressAt)]
    public nint TrapAddress;

    /// <summary>rbp of the frame that trapped.</summary>
    [FieldOffset(TrapRbpAt)]
    public nint TrapRbp;

    /// <summary>The signal that stopped the guest; zero when none did.</summary>
    [FieldOffset(TrapSignalAt)]
    public int TrapSignal;

    /// <summary>A TrapCode, when no signal tells; zero otherwise.</summary>
    [FieldOffset(TrapCodeAt)]
    public int TrapCode;

    /// <summary>GCHandle of the Activation.</summary>
    [FieldOffset(HandleAt)]
    public nint Handle;

    [FieldOffset(IntegersAt)]
    public fixed ulong Integers[6];

    [FieldOffset(VectorsAt)]
    public fixed ulong Vectors[16];
}

// What the host-call stub leaves on the guest stack for the host:
//
//   HostBlock ──► arguments in registers, results in registers, callee-saved registers, ...
//   +Bytes        saved rbp, return address into the guest
//   +Bytes+16     arguments in memory, then room for results in memory

/// <summary>A call from guest to host, on the guest's stack.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct HostBlock
{
    public const int Bytes = 416;

    public const int IntegerArgumentsAt = 0;
    public const int VectorArgumentsAt = 48;
    public const int IntegerResultsAt = 176;
    public const int VectorResultsAt = 224;
    public const int CalleeAt = 352;
    public const int ContextAt = 360;
    public const int SavedAt = 368;            // rbx r12 r13 r14
    public const int PopBytesAt = 400;
    public const int MemoryArgumentsAt = Bytes + 16;

    [FieldOffset(IntegerArgumentsAt)]
    public fixed ulong IntegerArguments[6];

    [FieldOffset(VectorArgumentsAt)]
    public fixed ulong VectorArguments[16];

    [FieldOffset(IntegerResultsAt)]
    public fixed ulong IntegerResults[6];

    [FieldOffset(VectorResultsAt)]
    public fixed ulong VectorResults[16];

    /// <summary>r10: the FuncRef called, or the number of a Builtin.</summary>
    [FieldOffset(CalleeAt)]
    public nint Callee;

    /// <summary>r15 of the caller.</summary>
    [FieldOffset(ContextAt)]
    public nint Context;

    /// <summary>Bytes of arguments in memory, for the stub to pop. The host sets it.</summary>
    [FieldOffset(PopBytesAt)]
    public ulong PopBytes;
}

/// <summary>What Enter and Resume return, and what the host tells the stubs.</summary>
internal static class GuestStatus
{
    /// <summary>The guest function returned; or, from the host, go on.</summary>
    public const int Done = 0;

    /// <summary>The guest waits; its stack stays as it is.</summary>
    public const int Pending = 1;

    /// <summary>The guest was stopped; its frames are abandoned.</summary>
    public const int Stopped = 2;
}
