using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Wisp.Abi;
using Wisp.Interrupts;
using Wisp.Traps;

namespace Wisp.Stacks;

// One call from the host into a store's guest code: the managed half of an Execution, pooled together with its stack.
//
//   Begin ─► write arguments ─► Start ─┬─► Done ─► read results ─► End
//                                      ├─► Pending ─► wait ─► write results of the host call ─► Resume ─┐
//                                      │      ▲─────────────────────────────────────────────────────────┤
//                                      └─► Stopped ─► ThrowStopped ◄────────────────────────────────────┘
//
// 1. The thread that runs an activation owns its store (Store.Acquire); while pending nobody does.
// 2. Nested calls form a chain by Outer; a pending activation belongs to no chain.
// 3. Whoever poisons a limit only asks for attention. Why the guest should stop is found out by the thread that runs it, in OnInterrupt.

/// <summary>A call from the host into guest code.</summary>
internal sealed unsafe partial class Activation
{
    private readonly GuestStack _stack;
    private readonly GCHandle _handle;
    private ThreadSpare? _thread;   // where the call began
    private Store? _store;
    private CallShape? _shape;
    private ExceptionDispatchInfo? _failure;
    private CancellationToken _cancellation;
    private long _interruptEpoch;
    private Watch? _watch;

    // A call that does not block its caller yields its thread when its slice of time is over; see StoreLimits.TimeSlice.
    private bool _isAsync;
    private long _sliceEnd;

    public Activation(GuestStack stack)
    {
        _stack = stack;
        _handle = GCHandle.Alloc(this, GCHandleType.Weak);   // the record must not keep its own activation alive for ever
        Execution* e = stack.Execution;
        e->Handle = GCHandle.ToIntPtr(_handle);
        e->HostCall = &HostEntry.OnHostCall;
        e->BuiltinCall = &HostEntry.OnBuiltin;
        e->InterruptCall = &HostEntry.OnInterrupt;
    }

    ~Activation()
    {
        if (_handle.IsAllocated)
        {
            _handle.Free();
        }
    }

    public Store Store => _store!;

    public GuestStack Stack => _stack;

    /// <summary>The activation whose host function made this call.</summary>
    public Activation? Outer { get; private set; }

    /// <summary>The async host function that the guest waits for.</summary>
    public AsyncHostCall? PendingCall { get; set; }

    /// <summary>The task of <see cref="PendingCall"/>.</summary>
    public Task? PendingTask { get; set; }

    public int ResultCount => _shape!.Results.Length;

    private Execution* Record => _stack.Execution;

    /// <summary>Takes an activation for a call of a function.</summary>
    public static Activation Begin(Store store, CallShape shape, nint funcRef)
    {
        store.ThrowIfDisposed();
        store.HasRun = true;
        ThreadSpare here = StackPool.Here;
        Activation activation = StackPool.Rent(store, here);
        activation._store = store;

        // A store of a reference into an old object costs more than to see that it is there already, as it mostly is.
        if (activation._thread != here)
        {
            activation._thread = here;
        }

        if (activation._shape != shape)
        {
            activation._shape = shape;
        }

        Execution* e = activation.Record;
        nint context = *(nint*)(funcRef + VmLayout.FuncRefContext);
        e->FuncRef = funcRef;
        e->Code = *(nint*)(funcRef + VmLayout.FuncRefCode);
        e->Context = context != 0 ? context : store.BlankContext;   // a host function needs a context to be entered with
        e->EntryRsp = (nint)e - shape.ResultBytes - shape.ArgumentBytes;
        if (store.TakesSnapshots)
        {
            activation.MakeClean();
        }

        return activation;
    }

    /// <summary>Gives the activation back. The store must not be owned through it any more.</summary>
    public void End() => End(StackPool.Here);

    /// <summary>The same on the thread where the call began.</summary>
    public void EndHere() => End(_thread!);

    private void End(ThreadSpare here)
    {
        Store store = _store!;
        _store = null;
        _failure = null;
        _watch = null;
        _isAsync = false;
        _cancellation = default;
        PendingCall = null;
        PendingTask = null;
        StackPool.Return(this, store.Engine, here);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetArgument<T>(int index, T value) =>
        Slots.Write((nint)Record + _shape!.EntryArguments[index], value, _store!);

    public void SetArgument(int index, Value value) =>
        Slots.WriteValue((nint)Record + _shape!.EntryArguments[index], value, _shape.Parameters[index], _store!);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GetResult<T>(int index) => Slots.Read<T>((nint)Record + _shape!.EntryResults[index], _store!);

    public Value GetResult(int index) =>
        Slots.ReadValue((nint)Record + _shape!.EntryResults[index], _shape.Results[index].Kind, _store!);

    /// <summary>Runs the guest until it returns, waiting on this thread for async host functions.</summary>
    public void Run(CancellationToken cancellation = default)
    {
        int status = Start(cancellation);
        if (status != GuestStatus.Done)
        {
            RunSlowly(status);
        }
    }

    /// <summary>Enters the guest for a caller that does not block. Returns when it is done, waits or was stopped.</summary>
    public int StartAsync(CancellationToken cancellation)
    {
        _isAsync = true;
        return Start(cancellation);
    }

    /// <summary>Enters the guest, on the thread where the call began. Returns when it is done, waits or was stopped.</summary>
    public int Start(CancellationToken cancellation)
    {
        Store store = _store!;
        store.Acquire(_thread!.ThreadId);
        PrepareStart(store, cancellation);
        int status = _shape!.HasVectors ? Stubs.Enter(Record)
            : store.TakesSnapshots ? Stubs.EnterClean(Record)
            : Stubs.EnterIntegers(Record);
        Leave(store, status);
        GC.KeepAlive(this);
        return status;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrepareStart(Store store, CancellationToken cancellation)
    {
        Execution* e = Record;
        Activation? outer = store.Current;
        Outer = outer;
        store.Current = this;
        _cancellation = cancellation;
        e->StackLimit = e->RealLimit;
        _interruptEpoch = outer?._interruptEpoch ?? store.InterruptEpoch;
        if (outer is not null)
        {
            PrepareNested(outer);
        }

        _sliceEnd = _isAsync && store.SliceTicks != 0 ? Stopwatch.GetTimestamp() + store.SliceTicks : long.MaxValue;
        if (store.IsTimed || cancellation.CanBeCanceled)
        {
            PrepareTimed(store, outer, cancellation);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PrepareTimed(Store store, Activation? outer, CancellationToken cancellation)
    {
        _watch = Watch.Arm(store, isOutermost: outer is null, cancellation);
        Record->StackLimit = Execution.Poisoned;   // looks at once whether the time is up already
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PrepareNested(Activation outer)
    {
        // Guest and host recurse through each other on the host's stack, which nobody else guards.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Store store = _store!;
            store.Current = outer;
            store.Release();
            throw TrapFactory.WithoutFrames(TrapCode.StackOverflow);
        }

        if (outer.Record->StackLimit == Execution.Poisoned)
        {
            Record->StackLimit = Execution.Poisoned;
        }
    }

    private int Resume()
    {
        Store store = _store!;
        SignalHandlers.EnsureAlternateStack();
        Outer = store.Current;
        store.Current = this;
        if (_sliceEnd != long.MaxValue)
        {
            _sliceEnd = Stopwatch.GetTimestamp() + Store.SliceTicks;
        }

        _watch?.Restart(isOutermost: Outer is null);
        int status = Stubs.Resume(Record);
        Leave(store, status);
        GC.KeepAlive(this);
        return status;
    }

    private void Leave(Store store, int status)
    {
        store.Current = Outer;
        Outer = null;
        if (_watch is { } watch)
        {
            watch.Pause(PendingCall, isYielding: status == GuestStatus.Pending && PendingCall is null);
        }

        store.Release();
    }

    private void WriteResults(AsyncHostCall call) => call.WriteResults(Record->GuestRsp);

    /// <summary>Keeps an exception of the host until the guest's frames are gone.</summary>
    public void Fail(Exception exception) => _failure = ExceptionDispatchInfo.Capture(exception);

    [DoesNotReturn]
    private void ThrowStopped()
    {
        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        failure?.Throw();
        throw TrapFactory.FromExecution(this, Record);
    }

    /// <summary>The trap that ends the guest's wait for a host function.</summary>
    public WasmBacktrace FramesOfHostCall() => TrapFactory.FramesInHostCall(this, Record);

    public TrapException WithFramesOfWait(TrapKind kind) => TrapFactory.InHostCall(this, Record, (TrapCode)kind);

    /// <summary>Why the guest must stop now, or null.</summary>
    public Exception? FindReasonToStop()
    {
        Store store = _store!;
        if (_interruptEpoch != store.InterruptEpoch)
        {
            return TrapFactory.WithoutFrames(TrapCode.Interrupted);
        }

        if (store.IsPastDeadline)
        {
            return TrapFactory.WithoutFrames(TrapCode.DeadlineExceeded);
        }

        for (Activation? a = this; a is not null; a = a.Outer)
        {
            if (a._cancellation.IsCancellationRequested)
            {
                return new OperationCanceledException(a._cancellation);
            }

            if (a._watch is not null && a._watch.IsCpuTimeUsedUp())
            {
                return TrapFactory.WithoutFrames(TrapCode.CpuTimeExceeded);
            }
        }

        return null;
    }

    /// <summary>The guest looks after its limit was poisoned. Returns a GuestStatus.</summary>
    public long Attend(nint* frame)
    {
        Execution* e = Record;
        Volatile.Write(ref e->StackLimit, e->RealLimit);
        Exception? reason = FindReasonToStop();
        if (reason is null)
        {
            return IsSliceOver() ? GuestStatus.Pending : GuestStatus.Done;
        }

        if (reason is TrapException trap)
        {
            e->TrapPc = frame[1];
            e->TrapRbp = frame[0];
            e->TrapSignal = 0;
            e->TrapCode = (int)trap.Kind;
        }
        else
        {
            Fail(reason);
        }

        return GuestStatus.Stopped;
    }

    // Nested calls do not yield: the host function between them waits on its thread.
    private bool IsSliceOver() => Outer is null && _sliceEnd <= Stopwatch.GetTimestamp();

    internal static Activation From(Execution* record) =>
        Unsafe.As<Activation>(GCHandle.FromIntPtr(record->Handle).Target!);
}
