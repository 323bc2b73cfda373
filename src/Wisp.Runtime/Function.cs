using Wisp.Wasm.Model;

namespace Wisp;

/// <summary>A function of a store: of one of its instances, or of the host.</summary>
public sealed partial class Function : Extern
{
    internal Function(Store store, FunctionType type)
        : base(store)
    {
        Type = type;
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Function;

    /// <summary>Its parameters and results. A concrete heap type in it is an index in the module that defines the function.</summary>
    public FunctionType Type { get; }

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <param name="arguments">As many as it has parameters, each of the parameter's type.</param>
    /// <returns>Its results.</returns>
    /// <exception cref="ArgumentException">The number or a type of the arguments is wrong.</exception>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public Value[] Invoke(params ReadOnlySpan<Value> arguments) => throw new InvalidOperationException("no calls yet");

    /// <summary>Calls it. The guest runs on this thread until it waits for an async host function, then goes on in the thread pool.</summary>
    /// <param name="arguments">As many as it has parameters, each of the parameter's type.</param>
    /// <param name="cancellationToken">Stops the guest within milliseconds, whether it runs or waits.</param>
    /// <returns>Its results.</returns>
    /// <exception cref="ArgumentException">The number or a type of the arguments is wrong.</exception>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    /// <exception cref="OperationCanceledException">It was stopped by <paramref name="cancellationToken"/>.</exception>
    public ValueTask<Value[]> InvokeAsync(ReadOnlyMemory<Value> arguments, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("no calls yet");
}
