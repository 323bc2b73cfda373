using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

/// <content>The handler of SIGSEGV, SIGBUS, SIGILL and SIGFPE. No managed code runs in a signal.</content>
internal sealed partial class StubWriter
{
    // ucontext_t on x64: uc_flags, uc_link and uc_stack take 40 bytes, then the registers in the order of REG_R8 ... REG_RIP.
    private const int SavedR15At = 40 + (7 * 8);
    private const int SavedRbpAt = 40 + (10 * 8);
    private const int SavedRbxAt = 40 + (11 * 8);
    private const int SavedRspAt = 40 + (15 * 8);
    private const int SavedRipAt = 40 + (16 * 8);
    private const int FaultAddressAt = 16;   // siginfo_t.si_addr

    private const int SystemCallSigAction = 13;
    private const int KernelSigSetBytes = 8;
    private const int KernelSigActionBytes = 32;

    // void (int signal = edi, siginfo_t* = rsi, ucontext_t* = rdx)
    //
    // A pc in registered code: the guest faulted. r15 is its context (VmLayout 4), which leads to the Execution; the saved context is
    // changed so that the thread goes on in TrapExit on the host's stack. Any other pc belongs to somebody else, such as the CLR,
    // whose handler makes a NullReferenceException of it: jump there with all arguments unchanged.
    private void SignalHandler(nint codeRanges, nint previousHandlers)
    {
        int chunk = _a.NewLabel();
        int entry = _a.NewLabel();
        int next = _a.NewLabel();
        int chain = _a.NewLabel();
        int fallback = _a.NewLabel();
        int trapExit = _a.NewLabel();

        _a.Load(Rax, Rdx, SavedRipAt);
        _a.LoadImmediate(Rcx, (ulong)codeRanges);
        _a.Bind(chunk);
        _a.Load(Rcx, Rcx, 0);
        _a.Test(Rcx, Rcx);
        _a.JumpIf(Condition.Equal, chain);
        _a.Load(R8, Rcx, 8);             // how many entries were ever used
        _a.LoadAddress(R9, Rcx, 16);
        _a.Bind(entry);
        _a.Subtract(R8, 1);
        _a.JumpIf(Condition.Sign, chunk);
        _a.Load(R10, R9, 0);
        _a.Compare(Rax, R10);
        _a.JumpIf(Condition.Below, next);
        _a.CompareMemory(Rax, R9, 8);
        _a.JumpIf(Condition.AboveOrEqual, next);
        _a.CompareMemory(R10, R9, 0);    // reused between the two reads: the pair was none
        _a.JumpIf(Condition.NotEqual, next);

        _a.Load(Rcx, Rdx, SavedR15At);
        _a.Load(Rcx, Rcx, Abi.VmLayout.Execution);
        _a.Store(Rcx, Execution.TrapPcAt, Rax);
        _a.Load(Rax, Rsi, FaultAddressAt);
        _a.Store(Rcx, Execution.TrapAddressAt, Rax);
        _a.Load(Rax, Rdx, SavedRbpAt);
        _a.Store(Rcx, Execution.TrapRbpAt, Rax);
        _a.Store32(Rcx, Execution.TrapSignalAt, Rdi);
        _a.Store(Rdx, SavedRbxAt, Rcx);
        _a.Load(Rax, Rcx, Execution.HostRspAt);
        _a.Store(Rdx, SavedRspAt, Rax);
        _a.LoadAddress(Rax, trapExit);
        _a.Store(Rdx, SavedRipAt, Rax);
        _a.Return();

        _a.Bind(next);
        _a.Add(R9, 16);
        _a.Jump(entry);

        _a.Bind(chain);
        _a.LoadImmediate(Rax, (ulong)previousHandlers);
        _a.Move(Rcx, Rdi);
        for (int doubling = 0; doubling < 3; doubling++)
        {
            _a.Add(Rcx, Rcx);
        }

        _a.Add(Rax, Rcx);
        _a.Load(Rax, Rax, 0);
        _a.Compare(Rax, 1);              // SIG_DFL is 0 and SIG_IGN is 1
        _a.JumpIf(Condition.BelowOrEqual, fallback);
        _a.Jump(Rax);

        // Nobody else wants it: put the default action back, so that the same instruction faults again and ends the process.
        _a.Bind(fallback);
        _a.Subtract(Rsp, KernelSigActionBytes + 8);
        _a.LoadImmediate32(Rax, 0);
        for (int at = 0; at < KernelSigActionBytes; at += 8)
        {
            _a.Store(Rsp, at, Rax);
        }

        _a.Move(Rsi, Rsp);
        _a.LoadImmediate32(Rdx, 0);
        _a.LoadImmediate32(R10, KernelSigSetBytes);
        _a.LoadImmediate32(Rax, SystemCallSigAction);
        _a.SystemCall();
        _a.Add(Rsp, KernelSigActionBytes + 8);
        _a.Return();

        _a.Bind(trapExit);               // a copy of TrapExit in reach of this code
        TrapExit();
    }
}
