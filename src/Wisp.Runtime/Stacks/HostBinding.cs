using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wisp.Abi;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp.Stacks;

/// <summary>A host function: the delegate, where its arguments and results lie, and the FuncRef by which guests of any store call it.</summary>
/// <remarks>Whoever hands out the FuncRef keeps the binding alive: linkers and instances.</remarks>
internal sealed unsafe class HostBinding
{
    private readonly HostFunction? _function;
    private readonly AsyncHostFunction? _asyncFunction;
    private readonly GCHandle _handle;

    public HostBinding(FunctionType type, CallShape shape, uint typeId, HostFunction? function, AsyncHostFunction? asyncFunction)
    {
        Type = type;
        Shape = shape;
        TypeId = typeId;
        _function = function;
        _asyncFunction = asyncFunction;
        _handle = GCHandle.Alloc(this, GCHandleType.Weak);
        FuncRef = (nint)NativeMemory.AllocZeroed(VmLayout.FuncRefBytes);
        RawMemory.WritePointer(FuncRef + VmLayout.FuncRefCode, Stubs.HostCall);
        RawMemory.Write32(FuncRef + VmLayout.FuncRefTypeId, typeId);
        RawMemory.WritePointer(FuncRef + VmLayout.FuncRefHost, GCHandle.ToIntPtr(_handle));
    }

    ~HostBinding()
    {
        _handle.Free();
        NativeMemory.Free((void*)FuncRef);
    }

    public FunctionType Type { get; }

    public CallShape Shape { get; }

    public uint TypeId { get; }

    public nint FuncRef { get; }

    /// <summary>The binding that made a FuncRef.</summary>
    public static HostBinding From(nint funcRef) =>
        Unsafe.As<HostBinding>(GCHandle.FromIntPtr(*(nint*)(funcRef + VmLayout.FuncRefHost)).Target!);

    /// <summary>The same function behind a guard.</summary>
    public HostBinding Guarded(string name, IHostCallGuard guard)
    {
        bool hasNumber = Type.Parameters is [{ Kind: ValueKind.I32 }, ..];
        if (_function is { } function)
        {
            return new HostBinding(Type, Shape, TypeId, (ref HostCall call) =>
            {
                guard.Ask(name, hasNumber ? call.GetInt32(0) : 0);
                function(ref call);
            }, null);
        }

        AsyncHostFunction asyncFunction = _asyncFunction!;
        return new HostBinding(Type, Shape, TypeId, null, call =>
        {
            int first = hasNumber ? call.GetInt32(0) : 0;
            guard.Ask(name, first);
            return guard.Holds(name, first) ? guard.HoldAsync(call.CancellationToken) : asyncFunction(call);
        });
    }

    /// <summary>Calls the delegate with the block that the stub left. Returns a GuestStatus.</summary>
    public long Call(Activation activation, nint block)
    {
        Store store = activation.Store;
        nint context = RawMemory.ReadPointer(block + HostBlock.ContextAt);
        foreach (int result in Shape.HostResults)
        {
            RawMemory.Write64(block + result, 0);   // a result never set must not show what lay on the stack
        }

        if (_function is not null)
        {
            var call = new HostCall(store, Shape, context, block);
            _function(ref call);
            return GuestStatus.Done;
        }

        return CallAsync(activation, store, context, block);
    }

    private long CallAsync(Activation activation, Store store, nint context, nint block)
    {
        var call = new AsyncHostCall(store, Shape, store.FindInstance(context), block);
        ValueTask task = _asyncFunction!(call);
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();   // throws what the function threw
            call.WriteResults(block);
            return GuestStatus.Done;
        }

        activation.PendingCall = call;
        activation.PendingTask = task.AsTask();
        return GuestStatus.Pending;
    }
}
