namespace Wisp;

/// <summary>A call of an async host function by a guest. It may be kept until the function's task ends.</summary>
/// <remarks>
/// It holds copies of arguments and results, so a call that outlives its guest does no harm. Arguments and results are numbered
/// from zero. An accessor of another type than the function's throws.
/// </remarks>
public sealed class AsyncHostCall
{
    internal AsyncHostCall()
    {
    }

    private static InvalidOperationException NotYet => new("no host calls yet");

    /// <summary>The store.</summary>
    public Store Store => throw NotYet;

    /// <summary>The instance that called; null when the host itself called the function.</summary>
    public Instance? Instance => throw NotYet;

    /// <summary>The caller's exported memory "memory", else its memory 0; null when it has none.</summary>
    public Memory? Memory => throw NotYet;

    /// <summary>Cancelled when the guest is stopped while it waits: by its caller, a deadline or an interruption.</summary>
    public CancellationToken CancellationToken => throw NotYet;

    /// <summary>An i32 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public int GetInt32(int index) => throw NotYet;

    /// <summary>An i64 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public long GetInt64(int index) => throw NotYet;

    /// <summary>An f32 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public float GetSingle(int index) => throw NotYet;

    /// <summary>An f64 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public double GetDouble(int index) => throw NotYet;

    /// <summary>An argument of any type.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public Value GetValue(int index) => throw NotYet;

    /// <summary>Sets the first result, an i32.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(int value) => throw NotYet;

    /// <summary>Sets the first result, an i64.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(long value) => throw NotYet;

    /// <summary>Sets the first result, an f32.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(float value) => throw NotYet;

    /// <summary>Sets the first result, an f64.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(double value) => throw NotYet;

    /// <summary>Sets a result of any type.</summary>
    /// <param name="index">Which result.</param>
    /// <param name="value">The result.</param>
    public void SetResult(int index, Value value) => throw NotYet;
}
