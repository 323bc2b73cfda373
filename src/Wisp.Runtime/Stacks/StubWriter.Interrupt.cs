using Wisp.Abi;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

/// <content>The cold side of the stack check: either the stack is used up, or another thread asks for attention.</content>
internal sealed partial class StubWriter
{
    private static readonly MachineRegister[] AllIntegers =
        [Rax, Rcx, Rdx, Rbx, Rsi, Rdi, R8, R9, R10, R11, R12, R13, R14, R15];

    private const int InterruptIntegersAt = 0;
    private const int InterruptVectorsAt = 8 * 14;
    private const int InterruptBlockBytes = InterruptVectorsAt + (16 * 16);

    // Keeps every register but the flags. Returns when the guest may go on: the caller then compares again, since a poisoned limit
    // hides whether the stack would have been enough. Only this thread takes poison away, so the limit in the context still tells
    // why the compare failed.
    private void Interrupt()
    {
        int overflow = _a.NewLabel();
        _a.Push(Rbp);
        _a.Move(Rbp, Rsp);
        _a.Subtract(Rsp, InterruptBlockBytes);
        for (int i = 0; i < AllIntegers.Length; i++)
        {
            _a.Store(Rsp, InterruptIntegersAt + (8 * i), AllIntegers[i]);
        }

        for (int i = 0; i < 16; i++)
        {
            _a.StoreVector(Rsp, InterruptVectorsAt + (16 * i), Vector(i));
        }

        _a.Load(Rbx, R15, VmLayout.Execution);
        _a.Store(Rbx, Execution.GuestRspAt, Rsp);
        _a.CompareMemory(R15, VmLayout.StackLimit, -1);
        _a.JumpIf(Condition.NotEqual, overflow);
        _a.Move(Rdi, Rbx);
        _a.Move(Rsi, Rbp);
        _a.Load(Rsp, Rbx, Execution.HostRspAt);
        _a.CallMemory(Rbx, Execution.InterruptCallAt);
        _a.Test(Rax, Rax);
        _a.JumpIf(Condition.Equal, _interruptReturn);
        _a.LoadAddress(Rcx, _interruptReturn);
        _a.Store(Rbx, Execution.ResumePcAt, Rcx);
        _a.Jump(_exit);

        _a.Bind(_interruptReturn);
        _a.Load(Rsp, Rbx, Execution.GuestRspAt);
        RestoreContext(InterruptIntegersAt + (8 * 13));
        for (int i = 0; i < 16; i++)
        {
            _a.LoadVector(Vector(i), Rsp, InterruptVectorsAt + (16 * i));
        }

        for (int i = 0; i < AllIntegers.Length; i++)
        {
            _a.Load(AllIntegers[i], Rsp, InterruptIntegersAt + (8 * i));
        }

        _a.Add(Rsp, InterruptBlockBytes);
        _a.Pop(Rbp);
        _a.Return();

        _a.Bind(overflow);
        _a.StoreImmediate32(Rbx, Execution.TrapCodeAt, (int)TrapCode.StackOverflow);
        _a.Load(Rax, Rbp, 8);
        _a.Store(Rbx, Execution.TrapPcAt, Rax);
        _a.Load(Rax, Rbp, 0);
        _a.Store(Rbx, Execution.TrapRbpAt, Rax);
        _a.Load(Rsp, Rbx, Execution.HostRspAt);
        _a.LoadImmediate32(Rax, GuestStatus.Stopped);
        _a.Jump(_exit);
    }
}
