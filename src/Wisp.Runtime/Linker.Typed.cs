using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp;

/// <content>Host functions from delegates: int, uint, long, ulong, float, double, Vector128&lt;byte&gt; or UInt128 (v128), Function and object (externref).</content>
public sealed partial class Linker
{
    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    public void DefineFunction<TResult>(string module, string name, Func<TResult> function) =>
        DefineFunction(module, name, new FunctionType([], [Slots.TypeOf<TResult>()]), (ref HostCall call) => call.Set(function()));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    public void DefineFunction<T1, TResult>(string module, string name, Func<T1, TResult> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>()], [Slots.TypeOf<TResult>()]), (ref HostCall call) => call.Set(function(call.Get<T1>(0))));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    public void DefineFunction<T1, T2, TResult>(string module, string name, Func<T1, T2, TResult> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>()], [Slots.TypeOf<TResult>()]), (ref HostCall call) => call.Set(function(call.Get<T1>(0), call.Get<T2>(1))));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    public void DefineFunction<T1, T2, T3, TResult>(string module, string name, Func<T1, T2, T3, TResult> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>(), Slots.TypeOf<T3>()], [Slots.TypeOf<TResult>()]), (ref HostCall call) => call.Set(function(call.Get<T1>(0), call.Get<T2>(1), call.Get<T3>(2))));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="T4">Type of argument 3.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    public void DefineFunction<T1, T2, T3, T4, TResult>(string module, string name, Func<T1, T2, T3, T4, TResult> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>(), Slots.TypeOf<T3>(), Slots.TypeOf<T4>()], [Slots.TypeOf<TResult>()]), (ref HostCall call) => call.Set(function(call.Get<T1>(0), call.Get<T2>(1), call.Get<T3>(2), call.Get<T4>(3))));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="T4">Type of argument 3.</typeparam>
    /// <typeparam name="T5">Type of argument 4.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    public void DefineFunction<T1, T2, T3, T4, T5, TResult>(string module, string name, Func<T1, T2, T3, T4, T5, TResult> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>(), Slots.TypeOf<T3>(), Slots.TypeOf<T4>(), Slots.TypeOf<T5>()], [Slots.TypeOf<TResult>()]), (ref HostCall call) => call.Set(function(call.Get<T1>(0), call.Get<T2>(1), call.Get<T3>(2), call.Get<T4>(3), call.Get<T5>(4))));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    public void DefineFunction(string module, string name, Action function) =>
        DefineFunction(module, name, new FunctionType([], []), (ref HostCall call) => function());

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    public void DefineFunction<T1>(string module, string name, Action<T1> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>()], []), (ref HostCall call) => function(call.Get<T1>(0)));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    public void DefineFunction<T1, T2>(string module, string name, Action<T1, T2> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>()], []), (ref HostCall call) => function(call.Get<T1>(0), call.Get<T2>(1)));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    public void DefineFunction<T1, T2, T3>(string module, string name, Action<T1, T2, T3> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>(), Slots.TypeOf<T3>()], []), (ref HostCall call) => function(call.Get<T1>(0), call.Get<T2>(1), call.Get<T3>(2)));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="T4">Type of argument 3.</typeparam>
    public void DefineFunction<T1, T2, T3, T4>(string module, string name, Action<T1, T2, T3, T4> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>(), Slots.TypeOf<T3>(), Slots.TypeOf<T4>()], []), (ref HostCall call) => function(call.Get<T1>(0), call.Get<T2>(1), call.Get<T3>(2), call.Get<T4>(3)));

    /// <summary>Defines a host function from a delegate.</summary>
    /// <param name="module">First part of the import's name.</param>
    /// <param name="name">Second part.</param>
    /// <param name="function">The function.</param>
    /// <typeparam name="T1">Type of argument 0.</typeparam>
    /// <typeparam name="T2">Type of argument 1.</typeparam>
    /// <typeparam name="T3">Type of argument 2.</typeparam>
    /// <typeparam name="T4">Type of argument 3.</typeparam>
    /// <typeparam name="T5">Type of argument 4.</typeparam>
    public void DefineFunction<T1, T2, T3, T4, T5>(string module, string name, Action<T1, T2, T3, T4, T5> function) =>
        DefineFunction(module, name, new FunctionType([Slots.TypeOf<T1>(), Slots.TypeOf<T2>(), Slots.TypeOf<T3>(), Slots.TypeOf<T4>(), Slots.TypeOf<T5>()], []), (ref HostCall call) => function(call.Get<T1>(0), call.Get<T2>(1), call.Get<T3>(2), call.Get<T4>(3), call.Get<T5>(4)));
}
