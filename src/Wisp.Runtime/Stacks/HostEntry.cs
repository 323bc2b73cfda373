using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wisp.Abi;

namespace Wisp.Stacks;

/// <summary>Where the stubs enter managed code, on the host's stack. Nothing may be thrown out of here.</summary>
internal static unsafe class HostEntry
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static long OnHostCall(Execution* record, HostBlock* block)
    {
        Activation activation = Activation.From(record);
        try
        {
            // SAFETY: the stub puts the FuncRef called into the block, and only a HostBinding makes a FuncRef with this stub as code.
            HostBinding binding = HostBinding.From(block->Callee);
            block->PopBytes = (ulong)binding.Shape.ArgumentBytes;
            return binding.Call(activation, (nint)block);
        }
        catch (Exception exception)
        {
            activation.Fail(exception);
            return GuestStatus.Stopped;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static long OnBuiltin(Execution* record, HostBlock* block)
    {
        Activation activation = Activation.From(record);
        try
        {
            Instance instance = activation.Store.FindInstance(block->Context)!;
            block->PopBytes = 0;   // no Builtin has arguments in memory
            TrapCode trap = instance.RunBuiltin(
                (Builtin)(uint)block->Callee, new Span<ulong>(block->IntegerArguments, 6), out ulong result);
            block->IntegerResults[0] = result;
            if (trap == TrapCode.None)
            {
                return GuestStatus.Done;
            }

            nint* frame = (nint*)((nint)block + HostBlock.Bytes);
            record->TrapPc = frame[1];
            record->TrapRbp = frame[0];
            record->TrapSignal = 0;
            record->TrapCode = (int)trap;
        }
        catch (Exception exception)
        {
            activation.Fail(exception);
        }

        return GuestStatus.Stopped;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static long OnInterrupt(Execution* record, nint* frame)
    {
        Activation activation = Activation.From(record);
        try
        {
            return activation.Attend(frame);
        }
        catch (Exception exception)
        {
            activation.Fail(exception);
            return GuestStatus.Stopped;
        }
    }
}
