using Wisp.Abi;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A function of a store: of one of its instances, or of the host.</summary>
public sealed class Function : Extern
{
    private readonly HostBinding? _binding;

    /// <summary>Makes a host function, to be imported by instances or put into tables.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type.</param>
    /// <param name="function">What it does.</param>
    public Function(Store store, FunctionType type, HostFunction function)
        : this(store, Bind(store, type, function, null))
    {
    }

    /// <summary>Makes a host function that may wait.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type.</param>
    /// <param name="function">What it does.</param>
    public Function(Store store, FunctionType type, AsyncHostFunction function)
        : this(store, Bind(store, type, null, function))
    {
    }

    internal Function(Store store, FunctionType type, CallShape shape, nint address)
        : base(store)
    {
        Type = type;
        Shape = shape;
        Address = address;
    }

    internal Function(Store store, HostBinding binding)
        : this(store, binding.Type, binding.Shape, binding.FuncRef)
    {
        _binding = binding;   // keeps the FuncRef alive
        store.References.Register(this);
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Function;

    /// <summary>Its parameters and results. A concrete heap type in it is an index in the module that defines the function.</summary>
    public FunctionType Type { get; }

    internal CallShape Shape { get; }

    /// <summary>Address of the FuncRef, which is also the reference's value.</summary>
    internal nint Address { get; }

    internal uint TypeId => RawMemory.Read32(Address + VmLayout.FuncRefTypeId);

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <param name="arguments">As many as it has parameters, each of the parameter's type.</param>
    /// <returns>Its results.</returns>
    /// <exception cref="ArgumentException">The number or a type of the arguments is wrong.</exception>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public Value[] Invoke(params ReadOnlySpan<Value> arguments)
    {
        Activation activation = Begin(arguments);
        try
        {
            activation.Run();
            return Results(activation);
        }
        finally
        {
            activation.End();
        }
    }

    /// <summary>Calls it. The guest runs on this thread until it waits for an async host function, then goes on in the thread pool.</summary>
    /// <param name="arguments">As many as it has parameters, each of the parameter's type.</param>
    /// <param name="cancellationToken">Stops the guest within milliseconds, whether it runs or waits.</param>
    /// <returns>Its results.</returns>
    /// <exception cref="ArgumentException">The number or a type of the arguments is wrong.</exception>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    /// <exception cref="OperationCanceledException">It was stopped by <paramref name="cancellationToken"/>.</exception>
    public async ValueTask<Value[]> InvokeAsync(ReadOnlyMemory<Value> arguments, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!Store.TryAcquire())
        {
            await Store.WhenFree().ConfigureAwait(false);
        }

        Activation? activation = null;
        try
        {
            int status;
            try
            {
                activation = Begin(arguments.Span);
                status = activation.StartAsync(cancellationToken);
            }
            finally
            {
                Store.Release();   // on the thread that acquired it: nothing has been awaited since
            }

            if (status != GuestStatus.Done)
            {
                await activation.RunSlowlyAsync(status).ConfigureAwait(false);
            }

            return Results(activation);
        }
        finally
        {
            activation?.End();
        }
    }

    private static HostBinding Bind(Store store, FunctionType type, HostFunction? function, AsyncHostFunction? asyncFunction) =>
        new(type, new CallShape(type, TypeSpace.Host), HostTypes.IdOf(store.Engine, type), function, asyncFunction);

    private static Value[] Results(Activation activation)
    {
        int count = activation.ResultCount;
        if (count == 0)
        {
            return [];
        }

        var results = new Value[count];
        for (int i = 0; i < count; i++)
        {
            results[i] = activation.GetResult(i);
        }

        return results;
    }

    private Activation Begin(ReadOnlySpan<Value> arguments)
    {
        if (arguments.Length != Type.Parameters.Length)
        {
            throw new ArgumentException(
                $"the function has {Type.Parameters.Length} parameters, not {arguments.Length}", nameof(arguments));
        }

        Activation activation = Activation.Begin(Store, Shape, Address);
        try
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                activation.SetArgument(i, arguments[i]);
            }
        }
        catch
        {
            activation.End();
            throw;
        }

        return activation;
    }
}
