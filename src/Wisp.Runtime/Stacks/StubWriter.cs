using Wisp.Abi;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

/// <summary>Writes all stubs into one block of code, position independent.</summary>
/// <remarks>
/// rbx holds the Execution wherever host and guest meet: the C calling convention keeps it over the host's part, and the guest's own
/// rbx lies in the block on its stack.
/// </remarks>
internal sealed partial class StubWriter
{
    /// <summary>rbp rbx r12 r13 r14 r15, pushed in this order on the host's stack, then 8 bytes that align it to 16.</summary>
    private static readonly MachineRegister[] HostSaved = [Rbp, Rbx, R12, R13, R14, R15];

    private const int HostPadding = 8;

    private readonly StubAssembler _a = new();
    private readonly int _exit;
    private readonly int _hostReturn;
    private readonly int _interruptReturn;
    private int _entryReturn;

    private readonly StubOptions _options;

    private StubWriter(StubOptions options)
    {
        _options = options;
        _exit = _a.NewLabel();
        _hostReturn = _a.NewLabel();
        _interruptReturn = _a.NewLabel();
    }

    /// <summary>The code of all stubs and where each starts.</summary>
    /// <param name="codeRanges">Address of the pointer to the first chunk of registered code; see CodeRanges.</param>
    /// <param name="previousHandlers">Address of the table of earlier signal handlers, by signal number.</param>
    /// <param name="options">What the processor can do.</param>
    public static StubCode Write(nint codeRanges, nint previousHandlers, StubOptions options)
    {
        var writer = new StubWriter(options);
        StubAssembler a = writer._a;
        int Place(Action write)
        {
            a.Align(16);
            int at = a.Length;
            write();
            return at;
        }

        return new StubCode
        {
            Enter = Place(() => writer.Enter(withVectors: true)),
            EnterIntegers = Place(() => writer.Enter(withVectors: false)),
            EntryReturn = writer._entryReturn,
            EnterClean = Place(() => writer.Enter(withVectors: false, isClean: true)),
            CleanEntryReturn = writer._entryReturn,
            Resume = Place(writer.Resume),
            TrapExit = Place(writer.TrapExit),
            HostCall = Place(() => writer.HostCall(Execution.HostCallAt)),
            HostCallAgain = Place(writer.HostCallAgain),
            BuiltinCall = Place(() => writer.HostCall(Execution.BuiltinCallAt)),
            Returns = Place(writer.HostReturn),
            Interrupt = Place(writer.Interrupt),
            EnterContext = Place(writer.EnterContext),
            LeaveContext = Place(writer.LeaveContext),
            Copy = Place(writer.Copy),
            Fill = Place(writer.Fill),
            SignalHandler = Place(() => writer.SignalHandler(codeRanges, previousHandlers)),
            Bytes = a.ToArray(),
        };
    }

    // int Enter(Execution*): to the guest's stack, registers from the record, call, results into the record, back. Functions without
    // floats and vectors, which are most, are spared sixteen moves. A clean entry lets no register of the host through to the guest, which
    // saves them on its stack without looking at them.
    private void Enter(bool withVectors, bool isClean = false)
    {
        int vectors = withVectors ? CallingConvention.VectorRegisters : 0;
        SaveHost(Rdi);
        _a.Move(Rbp, Rdi);   // the callee keeps rbp: a sentinel for the frame chain, and the way back to the record
        _a.Load(Rsp, Rdi, Execution.EntryRspAt);
        _a.Load(R15, Rdi, Execution.ContextAt);
        _a.Load(R10, Rdi, Execution.FuncRefAt);
        _a.Load(Rax, Rdi, Execution.StackLimitAt);
        _a.Store(R15, VmLayout.Execution, Rdi);   // VmLayout 4
        _a.Store(R15, VmLayout.StackLimit, Rax);
        _a.Load(R11, Rdi, Execution.CodeAt);
        for (int i = 0; i < vectors; i++)
        {
            _a.LoadVector(Vector(i), Rdi, Execution.VectorsAt + (16 * i));
        }

        if (isClean)
        {
            ClearRegisters();
        }

        for (int i = CallingConvention.IntegerArguments.Length - 1; i >= 0; i--)   // rdi, the first, is loaded last
        {
            _a.Load(CallingConvention.IntegerArguments[i], Rdi, Execution.IntegersAt + (8 * i));
        }

        _a.Call(R11);
        _entryReturn = _a.Length;
        for (int i = 0; i < CallingConvention.IntegerResults.Length; i++)
        {
            _a.Store(Rbp, Execution.IntegersAt + (8 * i), CallingConvention.IntegerResults[i]);
        }

        for (int i = 0; i < vectors; i++)
        {
            _a.StoreVector(Rbp, Execution.VectorsAt + (16 * i), Vector(i));
        }

        _a.Load(Rsp, Rbp, Execution.HostRspAt);
        _a.LoadImmediate32(Rax, GuestStatus.Done);
        if (withVectors)
        {
            _a.Bind(_exit);   // eax = status, rsp = HostRsp
        }

        _a.Add(Rsp, HostPadding);
        for (int i = HostSaved.Length - 1; i >= 0; i--)
        {
            _a.Pop(HostSaved[i]);
        }

        _a.Return();
    }

    // The record's vectors are zero, as its integers are, from which the arguments' registers are loaded.
    private void ClearRegisters()
    {
        for (int i = 0; i < 16; i++)
        {
            _a.LoadVector(Vector(i), Rdi, Execution.VectorsAt);
        }

        _a.LoadImmediate32(Rax, 0);
        foreach (MachineRegister register in CallingConvention.CalleeSaved)
        {
            _a.LoadImmediate32(register, 0);
        }
    }

    // int Resume(Execution*): goes on where a pending guest stopped, on whatever thread this is.
    private void Resume()
    {
        SaveHost(Rdi);
        _a.Move(Rbx, Rdi);
        _a.JumpMemory(Rbx, Execution.ResumePcAt);
    }

    // The signal handler sends a trapped guest here: rbx = Execution, rsp = HostRsp.
    private void TrapExit()
    {
        _a.LoadImmediate32(Rax, GuestStatus.Stopped);
        _a.Jump(_exit);
    }

    // Guest code calls this with its own convention; r10 is the FuncRef or the Builtin's number.
    private void HostCall(int callbackAt)
    {
        _a.Push(Rbp);
        _a.Move(Rbp, Rsp);   // a frame of the chain, so that backtraces see the caller
        _a.Subtract(Rsp, HostBlock.Bytes);
        for (int i = 0; i < CallingConvention.IntegerArguments.Length; i++)
        {
            _a.Store(Rsp, HostBlock.IntegerArgumentsAt + (8 * i), CallingConvention.IntegerArguments[i]);
        }

        for (int i = 0; i < CallingConvention.VectorRegisters; i++)
        {
            _a.StoreVector(Rsp, HostBlock.VectorArgumentsAt + (16 * i), Vector(i));
        }

        _a.Store(Rsp, HostBlock.CalleeAt, R10);
        _a.Store(Rsp, HostBlock.ContextAt, R15);
        for (int i = 0; i < CallingConvention.CalleeSaved.Length; i++)
        {
            _a.Store(Rsp, HostBlock.SavedAt + (8 * i), CallingConvention.CalleeSaved[i]);
        }

        _a.Load(Rbx, R15, VmLayout.Execution);
        _a.Store(Rbx, Execution.GuestRspAt, Rsp);
        _a.Move(Rdi, Rbx);
        _a.Move(Rsi, Rsp);
        _a.Load(Rsp, Rbx, Execution.HostRspAt);
        _a.CallMemory(Rbx, callbackAt);
        FinishHostCall();
    }

    // rbx = Execution, rsp = HostRsp, and a block on the guest's stack as of a host call that has not been answered: calls once more. This is
    // where an instance of a snapshot goes on.
    private void HostCallAgain()
    {
        _a.Move(Rdi, Rbx);
        _a.Load(Rsi, Rbx, Execution.GuestRspAt);
        _a.CallMemory(Rbx, Execution.HostCallAt);
        FinishHostCall();
    }

    private void FinishHostCall()
    {
        _a.Test(Rax, Rax);
        _a.JumpIf(Condition.Equal, _hostReturn);
        _a.LoadAddress(Rcx, _hostReturn);
        _a.Store(Rbx, Execution.ResumePcAt, Rcx);
        _a.Jump(_exit);
    }

    // rbx = Execution. Back to the guest behind a host call, results from its block.
    private void HostReturn()
    {
        _a.Bind(_hostReturn);
        _a.Load(Rsp, Rbx, Execution.GuestRspAt);
        RestoreContext(HostBlock.ContextAt);
        for (int i = 0; i < CallingConvention.VectorRegisters; i++)
        {
            _a.LoadVector(Vector(i), Rsp, HostBlock.VectorResultsAt + (16 * i));
        }

        for (int i = 0; i < CallingConvention.IntegerResults.Length; i++)
        {
            _a.Load(CallingConvention.IntegerResults[i], Rsp, HostBlock.IntegerResultsAt + (8 * i));
        }

        for (int i = 0; i < CallingConvention.CalleeSaved.Length; i++)
        {
            _a.Load(CallingConvention.CalleeSaved[i], Rsp, HostBlock.SavedAt + (8 * i));
        }

        _a.LoadImmediate32(R9, 0);   // the one argument register without a result: what the host left in it is none of the guest's business
        _a.Load(R10, Rsp, HostBlock.PopBytesAt);
        int pops = _a.NewLabel();
        _a.Add(Rsp, HostBlock.Bytes);
        _a.Pop(Rbp);
        _a.Test(R10, R10);
        _a.JumpIf(Condition.NotEqual, pops);
        _a.Return();
        _a.Bind(pops);   // "ret imm16" with a count from a register
        _a.Pop(R11);
        _a.Add(Rsp, R10);
        _a.Jump(R11);
    }

    // r10 = FuncRef. See CallingConvention.
    private void EnterContext()
    {
        int same = _a.NewLabel();
        _a.Load(R11, R10, VmLayout.FuncRefContext);
        _a.Test(R11, R11);
        _a.JumpIf(Condition.Equal, same);
        _a.Push(Rax);
        _a.Load(Rax, R15, VmLayout.Execution);
        _a.Move(R15, R11);
        _a.Store(R15, VmLayout.Execution, Rax);
        _a.Load(Rax, Rax, Execution.StackLimitAt);
        _a.Store(R15, VmLayout.StackLimit, Rax);
        _a.Pop(Rax);
        _a.Bind(same);
        _a.Load(R11, R10, VmLayout.FuncRefCode);
        _a.Return();
    }

    // r15 and rbp are the caller's own again; [rbp-16] is the Execution.
    private void LeaveContext()
    {
        _a.Load(R11, Rbp, -16);
        _a.Store(R15, VmLayout.Execution, R11);
        _a.Load(R11, R11, Execution.StackLimitAt);
        _a.Store(R15, VmLayout.StackLimit, R11);
        _a.Return();
    }

    private static MachineRegister Vector(int number) => (MachineRegister)((int)Xmm0 + number);

    private void SaveHost(MachineRegister execution)
    {
        foreach (MachineRegister register in HostSaved)
        {
            _a.Push(register);
        }

        _a.Subtract(Rsp, HostPadding);
        _a.Store(execution, Execution.HostRspAt, Rsp);
    }

    // VmLayout 4, with rbx = Execution and the caller's r15 in the block at rsp.
    private void RestoreContext(int contextAt)
    {
        _a.Load(R15, Rsp, contextAt);
        _a.Load(Rax, Rbx, Execution.StackLimitAt);
        _a.Store(R15, VmLayout.Execution, Rbx);
        _a.Store(R15, VmLayout.StackLimit, Rax);
    }
}

/// <summary>The stubs' bytes and the offset of each.</summary>
internal sealed class StubCode
{
    public required int Enter { get; init; }

    public required int EnterIntegers { get; init; }

    /// <summary>Where a guest function called by EnterIntegers returns to.</summary>
    public required int EntryReturn { get; init; }

    public required int EnterClean { get; init; }

    public required int CleanEntryReturn { get; init; }

    public required int Resume { get; init; }

    public required int TrapExit { get; init; }

    public required int HostCall { get; init; }

    public required int HostCallAgain { get; init; }

    public required int BuiltinCall { get; init; }

    public required int Returns { get; init; }

    public required int Interrupt { get; init; }

    public required int EnterContext { get; init; }

    public required int LeaveContext { get; init; }

    public required int Copy { get; init; }

    public required int Fill { get; init; }

    public required int SignalHandler { get; init; }

    public required byte[] Bytes { get; init; }
}
