using Wisp.Abi;
using Wisp.Platform.Linux;
using Wisp.Stacks;

namespace Wisp.Traps;

/// <summary>Makes exceptions of traps: what happened from code tables and signals, where from the guest's frames.</summary>
internal static unsafe class TrapFactory
{
    /// <summary>The trap that an Execution records, which is then cleared.</summary>
    public static TrapException FromExecution(Activation activation, Execution* record)
    {
        TrapCode code = (TrapCode)record->TrapCode;
        if (record->TrapSignal != 0)
        {
            code = FromSignal(activation, record);
        }

        WasmBacktrace backtrace = StackWalker.Walk(activation.Store, record->TrapPc, record->TrapRbp, (nint)record);
        record->TrapSignal = 0;
        record->TrapCode = 0;
        return new TrapException((TrapKind)code, TrapText.Of(code), backtrace);
    }

    /// <summary>A trap that no instruction caused.</summary>
    public static TrapException WithoutFrames(TrapCode code) =>
        new((TrapKind)code, TrapText.Of(code), WasmBacktrace.Empty);

    /// <summary>A trap of a guest that waits in a host call, whose block lies where it left off.</summary>
    public static TrapException InHostCall(Activation activation, Execution* record, TrapCode code)
    {
        return new TrapException((TrapKind)code, TrapText.Of(code), FramesInHostCall(activation, record));
    }

    /// <summary>The frames of a guest that is in a host call.</summary>
    public static WasmBacktrace FramesInHostCall(Activation activation, Execution* record)
    {
        nint* frame = (nint*)(record->GuestRsp + HostBlock.Bytes);
        return StackWalker.Walk(activation.Store, frame[1], frame[0], (nint)record);
    }

    private static TrapCode FromSignal(Activation activation, Execution* record)
    {
        if (record->TrapSignal is Libc.SigSegv or Libc.SigBus && activation.Stack.IsGuard(record->TrapAddress))
        {
            return TrapCode.StackOverflow;
        }

        CompiledCode? code = CompiledCode.Find(record->TrapPc);
        if (code is not null && code.Image.TryFindTrap((uint)(record->TrapPc - code.Text), out Abi.Images.TrapEntry trap))
        {
            return (TrapCode)trap.Code;
        }

        // An instruction that no table lists must not fault. The guest is stopped all the same.
        return record->TrapSignal is Libc.SigSegv or Libc.SigBus ? TrapCode.MemoryOutOfBounds : TrapCode.Unreachable;
    }
}
