using Wisp.Abi.Images;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp.Stacks;

/// <content>Guests that wait in a host call while their snapshot is taken, and their likes that go on from there.</content>
internal sealed unsafe partial class Activation
{
    private static readonly CallShape Plain = new(new FunctionType([], []), TypeSpace.Host);

    /// <summary>Whether the function that was called has no parameters and no results, so that nothing of it lies in the record.</summary>
    public bool IsPlain => _shape!.Parameters.Length == 0 && _shape.Results.Length == 0;

    /// <summary>Address of the Execution, which the stack ends at.</summary>
    public nint RecordAddress => (nint)Record;

    /// <summary>The guest's stack pointer while it waits: the block of its host call.</summary>
    public nint GuestRsp => Record->GuestRsp;

    /// <summary>Takes an activation that is in the middle of a call already.</summary>
    /// <param name="store">The store.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="waiting">The call.</param>
    /// <exception cref="InvalidOperationException">What it called is no host function here.</exception>
    /// <exception cref="TrapException">The store's stacks are too small for it.</exception>
    public static Activation BeginWaiting(Store store, Instance instance, WaitingCall waiting)
    {
        nint import = instance.ImportedFunction((int)waiting.Import);
        if (RawMemory.ReadPointer(import + Abi.VmLayout.FuncRefCode) != Stubs.HostCall)
        {
            throw new InvalidOperationException("the call that the snapshot waits in must be bound to a host function again");
        }

        Activation activation = Begin(store, Plain, import);   // with the import for want of a function: it is never entered
        Execution* e = activation.Record;
        nint rsp = (nint)e - ((nint)waiting.Stack.Length * sizeof(ulong));
        if ((ulong)rsp < e->RealLimit)
        {
            activation.End();
            throw Traps.TrapFactory.WithoutFrames(Abi.TrapCode.StackOverflow);
        }

        e->Context = instance.Context;
        e->GuestRsp = rsp;
        e->ResumePc = Stubs.HostCallAgain;
        WaitingStack.Write(instance, waiting, new Span<ulong>((void*)rsp, waiting.Stack.Length), (nint)e);
        return activation;
    }

    /// <summary>Goes on with the call that <see cref="BeginWaiting"/> took, on the thread where it did.</summary>
    public int ContinueAsync(CancellationToken cancellation)
    {
        Store store = _store!;
        _isAsync = true;
        store.Acquire(_thread!.ThreadId);
        PrepareStart(store, cancellation);
        int status = Stubs.Resume(Record);
        Leave(store, status);
        GC.KeepAlive(this);
        return status;
    }

    // Nothing that another guest or the host left must be found by this one: it may be kept in an image.
    private void MakeClean()
    {
        _stack.Clear();
        new Span<ulong>(Record->Integers, 6).Clear();
        new Span<ulong>(Record->Vectors, 16).Clear();
    }
}
