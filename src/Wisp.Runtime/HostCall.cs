using System.Runtime.Intrinsics;
using Wisp.Stacks;

namespace Wisp;

/// <summary>A call of a host function by a guest: its arguments, its results and its caller. Valid until the function returns.</summary>
/// <remarks>Arguments and results are numbered from zero. An accessor of another type than the function's throws.</remarks>
public readonly ref struct HostCall
{
    private readonly CallShape _shape;
    private readonly nint _context;
    private readonly nint _block;

    internal HostCall(Store store, CallShape shape, nint context, nint block)
    {
        Store = store;
        _shape = shape;
        _context = context;
        _block = block;
    }

    /// <summary>The store.</summary>
    public Store Store { get; }

    /// <summary>The instance that called; null when the host itself called the function.</summary>
    public Instance? Instance => Store.FindInstance(_context);

    /// <summary>The caller's exported memory "memory", else its memory 0; null when it has none.</summary>
    public Memory? Memory => Instance?.CallerMemory;

    /// <summary>An i32 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public int GetInt32(int index) => Get<int>(index);

    /// <summary>An i64 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public long GetInt64(int index) => Get<long>(index);

    /// <summary>An f32 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public float GetSingle(int index) => Get<float>(index);

    /// <summary>An f64 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public double GetDouble(int index) => Get<double>(index);

    /// <summary>A v128 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its bytes.</returns>
    public Vector128<byte> GetVector128(int index) => Get<Vector128<byte>>(index);

    /// <summary>An argument of any type.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public Value GetValue(int index) =>
        Slots.ReadValue(_block + _shape.HostArguments[index], _shape.Parameters[index].Kind, Store);

    /// <summary>Sets the first result, an i32.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(int value) => Set(value);

    /// <summary>Sets the first result, an i64.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(long value) => Set(value);

    /// <summary>Sets the first result, an f32.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(float value) => Set(value);

    /// <summary>Sets the first result, an f64.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(double value) => Set(value);

    /// <summary>Sets the first result, a v128.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(Vector128<byte> value) => Set(value);

    /// <summary>Sets a result of any type.</summary>
    /// <param name="index">Which result.</param>
    /// <param name="value">The result.</param>
    public void SetResult(int index, Value value) =>
        Slots.WriteValue(_block + _shape.HostResults[index], value, _shape.Results[index], Store);

    internal T Get<T>(int index)
    {
        _shape.Expect<T>(_shape.Parameters, index);
        return Slots.Read<T>(_block + _shape.HostArguments[index], Store);
    }

    internal void Set<T>(T value)
    {
        _shape.Expect<T>(_shape.Results, 0);
        Slots.Write(_block + _shape.HostResults[0], value, Store);
    }
}
