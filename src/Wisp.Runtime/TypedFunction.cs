using Wisp.Stacks;

namespace Wisp;

// Calls without boxing, arrays or reflection: the JIT folds each marshalling step to a move. int and uint stand for i32, long and
// ulong for i64, float, double, Vector128<byte> or UInt128 for v128, Function for funcref and object for externref; Unit as result for none.

/// <summary>Stands for "no result" where a type is wanted.</summary>
public readonly record struct Unit;

/// <summary>A function with 0 arguments, called without allocation.</summary>
/// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
public readonly struct TypedFunction<TResult>
{
    internal TypedFunction(Function function)
    {
        Function = function;
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <returns>Its result.</returns>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public TResult Invoke()
    {
        Activation activation = Activation.Begin(Function.Store, Function.Shape, Function.Address);
        try
        {
            activation.Run();
            return TypedCall.Result<TResult>(activation);
        }
        finally
        {
            activation.EndHere();
        }
    }
}

/// <summary>A function with 1 argument, called without allocation.</summary>
/// <typeparam name="T1">Type of argument 0.</typeparam>
/// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
public readonly struct TypedFunction<T1, TResult>
{
    internal TypedFunction(Function function)
    {
        Function = function;
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <param name="argument0">Argument 0.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public TResult Invoke(T1 argument0)
    {
        Activation activation = Activation.Begin(Function.Store, Function.Shape, Function.Address);
        try
        {
            activation.SetArgument(0, argument0);
            activation.Run();
            return TypedCall.Result<TResult>(activation);
        }
        finally
        {
            activation.EndHere();
        }
    }
}

/// <summary>A function with 2 arguments, called without allocation.</summary>
/// <typeparam name="T1">Type of argument 0.</typeparam>
/// <typeparam name="T2">Type of argument 1.</typeparam>
/// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
public readonly struct TypedFunction<T1, T2, TResult>
{
    internal TypedFunction(Function function)
    {
        Function = function;
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <param name="argument0">Argument 0.</param>
    /// <param name="argument1">Argument 1.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public TResult Invoke(T1 argument0, T2 argument1)
    {
        Activation activation = Activation.Begin(Function.Store, Function.Shape, Function.Address);
        try
        {
            activation.SetArgument(0, argument0);
            activation.SetArgument(1, argument1);
            activation.Run();
            return TypedCall.Result<TResult>(activation);
        }
        finally
        {
            activation.EndHere();
        }
    }
}

/// <summary>A function with 3 arguments, called without allocation.</summary>
/// <typeparam name="T1">Type of argument 0.</typeparam>
/// <typeparam name="T2">Type of argument 1.</typeparam>
/// <typeparam name="T3">Type of argument 2.</typeparam>
/// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
public readonly struct TypedFunction<T1, T2, T3, TResult>
{
    internal TypedFunction(Function function)
    {
        Function = function;
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <param name="argument0">Argument 0.</param>
    /// <param name="argument1">Argument 1.</param>
    /// <param name="argument2">Argument 2.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public TResult Invoke(T1 argument0, T2 argument1, T3 argument2)
    {
        Activation activation = Activation.Begin(Function.Store, Function.Shape, Function.Address);
        try
        {
            activation.SetArgument(0, argument0);
            activation.SetArgument(1, argument1);
            activation.SetArgument(2, argument2);
            activation.Run();
            return TypedCall.Result<TResult>(activation);
        }
        finally
        {
            activation.EndHere();
        }
    }
}

/// <summary>A function with 4 arguments, called without allocation.</summary>
/// <typeparam name="T1">Type of argument 0.</typeparam>
/// <typeparam name="T2">Type of argument 1.</typeparam>
/// <typeparam name="T3">Type of argument 2.</typeparam>
/// <typeparam name="T4">Type of argument 3.</typeparam>
/// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
public readonly struct TypedFunction<T1, T2, T3, T4, TResult>
{
    internal TypedFunction(Function function)
    {
        Function = function;
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>Calls it and waits on this thread, also while an async host function is pending.</summary>
    /// <param name="argument0">Argument 0.</param>
    /// <param name="argument1">Argument 1.</param>
    /// <param name="argument2">Argument 2.</param>
    /// <param name="argument3">Argument 3.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="TrapException">The guest trapped. The store stays usable.</exception>
    public TResult Invoke(T1 argument0, T2 argument1, T3 argument2, T4 argument3)
    {
        Activation activation = Activation.Begin(Function.Store, Function.Shape, Function.Address);
        try
        {
            activation.SetArgument(0, argument0);
            activation.SetArgument(1, argument1);
            activation.SetArgument(2, argument2);
            activation.SetArgument(3, argument3);
            activation.Run();
            return TypedCall.Result<TResult>(activation);
        }
        finally
        {
            activation.EndHere();
        }
    }
}
