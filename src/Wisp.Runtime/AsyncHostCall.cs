using Wisp.Stacks;

namespace Wisp;

/// <summary>A call of an async host function by a guest. It may be kept until the function's task ends.</summary>
/// <remarks>
/// It holds copies of arguments and results, so a call that outlives its guest does no harm. Arguments and results are numbered
/// from zero. An accessor of another type than the function's throws.
/// </remarks>
#pragma warning disable CA1001   // The source has no timer and no linked token, so there is nothing to dispose of.
public sealed class AsyncHostCall
#pragma warning restore CA1001
{
    private readonly CallShape _shape;
    private readonly Value[] _arguments;
    private readonly Value[] _results;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _stop;
    private volatile bool _isStopped;

    internal AsyncHostCall(Store store, CallShape shape, Instance? instance, nint block)
    {
        Store = store;
        Instance = instance;
        _shape = shape;
        _arguments = new Value[shape.Parameters.Length];
        for (int i = 0; i < _arguments.Length; i++)
        {
            _arguments[i] = Slots.ReadValue(block + shape.HostArguments[i], shape.Parameters[i].Kind, store);
        }

        _results = new Value[shape.Results.Length];
    }

    /// <summary>The store.</summary>
    public Store Store { get; }

    /// <summary>The instance that called; null when the host itself called the function.</summary>
    public Instance? Instance { get; }

    /// <summary>The caller's exported memory "memory", else its memory 0; null when it has none.</summary>
    public Memory? Memory => Instance?.CallerMemory;

    /// <summary>Cancelled when the guest is stopped while it waits: by its caller, a deadline or an interruption.</summary>
    public CancellationToken CancellationToken => StopToken;

    internal bool IsStopped => _isStopped;

    internal CancellationToken StopToken
    {
        get
        {
            lock (_gate)
            {
                if (_stop is null)
                {
                    _stop = new CancellationTokenSource();
                    if (_isStopped)
                    {
                        _stop.Cancel();
                    }
                }

                return _stop.Token;
            }
        }
    }

    /// <summary>An i32 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public int GetInt32(int index) => _arguments[index].AsInt32();

    /// <summary>An i64 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public long GetInt64(int index) => _arguments[index].AsInt64();

    /// <summary>An f32 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public float GetSingle(int index) => _arguments[index].AsSingle();

    /// <summary>An f64 argument.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public double GetDouble(int index) => _arguments[index].AsDouble();

    /// <summary>An argument of any type.</summary>
    /// <param name="index">Which argument.</param>
    /// <returns>Its value.</returns>
    public Value GetValue(int index) => _arguments[index];

    /// <summary>Sets the first result, an i32.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(int value) => _results[0] = value;

    /// <summary>Sets the first result, an i64.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(long value) => _results[0] = value;

    /// <summary>Sets the first result, an f32.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(float value) => _results[0] = value;

    /// <summary>Sets the first result, an f64.</summary>
    /// <param name="value">The result.</param>
    public void SetResult(double value) => _results[0] = value;

    /// <summary>Sets a result of any type.</summary>
    /// <param name="index">Which result.</param>
    /// <param name="value">The result.</param>
    public void SetResult(int index, Value value) => _results[index] = value;

    /// <summary>Tells the host function, and whoever waits for it, that the guest is to stop. Callbacks run in the thread pool.</summary>
    internal void Stop()
    {
        CancellationTokenSource? stop;
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
            stop = _stop;
        }

        stop?.CancelAsync();
    }

    /// <summary>Puts the results where the guest will find them. A result that was never set is zero or null.</summary>
    internal void WriteResults(nint block)
    {
        for (int i = 0; i < _results.Length; i++)
        {
            if (_results[i].Type.Kind != Wasm.Model.ValueKind.Bottom)
            {
                Slots.WriteValue(block + _shape.HostResults[i], _results[i], _shape.Results[i], Store);
            }
        }
    }
}
