using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Wisp.Stacks;

/// <summary>The wait of a guest for an async host function: ended by the function, or by whoever stops the guest.</summary>
/// <remarks>
/// The host function may go on after its guest was stopped, and may hold spans of the guest's memory. The store therefore counts it
/// until its task has ended, and gives no memory back before that.
/// </remarks>
internal readonly struct PendingWait : IDisposable
{
    private readonly Activation _activation;
    private readonly AsyncHostCall _call;
    private readonly Store _store;
    private readonly Task _hostTask;

    public PendingWait(Activation activation, AsyncHostCall call)
    {
        _activation = activation;
        _call = call;
        _store = activation.Store;
        _hostTask = activation.PendingTask!;
        _store.AddWaiting(activation);
        if (activation.FindReasonToStop() is not null)
        {
            call.Stop();   // asked to stop between the host function's return and now
        }

        Task = _hostTask.WaitAsync(call.StopToken);
    }

    public Task Task { get; }

    public void Dispose()
    {
        _store.RemoveWaiting(_activation);
        if (_hostTask.IsCompleted)
        {
            _store.ReleaseMemory();
        }
        else
        {
            Store store = _store;
            _hostTask.ContinueWith(
                static (task, state) =>
                {
                    _ = task.Exception;   // nobody is left to see it
                    ((Store)state!).ReleaseMemory();
                },
                store,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    /// <summary>The wait failed: throws why the guest was stopped, or else what the host function threw.</summary>
    [DoesNotReturn]
    public void Abandon(Exception exception)
    {
        Exception? reason = _call.IsStopped ? _activation.FindReasonToStop() : null;
        if (reason is TrapException trap)
        {
            throw _activation.WithFramesOfWait(trap.Kind);
        }

        ExceptionDispatchInfo.Throw(reason ?? exception);
    }
}
