using Wisp.Stacks;

namespace Wisp;

/// <content>Typed functions.</content>
public sealed partial class Instance
{
    /// <summary>An exported function, checked once for its types.</summary>
    /// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentException">No function of that name and type is exported.</exception>
    public TypedFunction<TResult> GetFunction<TResult>(string name) =>
        new(TypedCall.Check<TResult>(this, name, []));

    /// <summary>An exported function, checked once for its types.</summary>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentException">No function of that name and type is exported.</exception>
    public TypedFunction<T1, TResult> GetFunction<T1, TResult>(string name) =>
        new(TypedCall.Check<TResult>(this, name, [TypedCall.KindOf<T1>()]));

    /// <summary>An exported function, checked once for its types.</summary>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentException">No function of that name and type is exported.</exception>
    public TypedFunction<T1, T2, TResult> GetFunction<T1, T2, TResult>(string name) =>
        new(TypedCall.Check<TResult>(this, name, [TypedCall.KindOf<T1>(), TypedCall.KindOf<T2>()]));

    /// <summary>An exported function, checked once for its types.</summary>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentException">No function of that name and type is exported.</exception>
    public TypedFunction<T1, T2, T3, TResult> GetFunction<T1, T2, T3, TResult>(string name) =>
        new(TypedCall.Check<TResult>(this, name, [TypedCall.KindOf<T1>(), TypedCall.KindOf<T2>(), TypedCall.KindOf<T3>()]));

    /// <summary>An exported function, checked once for its types.</summary>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="T4">Type of argument 3.</typeparam>
    /// <typeparam name="TResult">Type of the result, or <see cref="Unit"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentException">No function of that name and type is exported.</exception>
    public TypedFunction<T1, T2, T3, T4, TResult> GetFunction<T1, T2, T3, T4, TResult>(string name) =>
        new(TypedCall.Check<TResult>(this, name, [TypedCall.KindOf<T1>(), TypedCall.KindOf<T2>(), TypedCall.KindOf<T3>(), TypedCall.KindOf<T4>()]));
}
