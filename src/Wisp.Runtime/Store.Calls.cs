using Wisp.Stacks;

namespace Wisp;

/// <content>Whose turn it is, and who waits.</content>
public sealed partial class Store
{
    private readonly Lock _turns = new();
    private HashSet<Activation>? _waiting;
    private List<TaskCompletionSource>? _queue;
    private volatile bool _hasQueue;
    private int _owner;
    private int _depth;
    private int _memoryUses = 1;

    /// <summary>The frames of the guest that called the host function that runs now; costs a walk of the stack.</summary>
    internal WasmBacktrace CallersOfHostFunction() => Current?.FramesOfHostCall() ?? WasmBacktrace.Empty;

    /// <summary>Makes this thread the one that runs the store's guests; waits for its turn.</summary>
    internal void Acquire()
    {
        while (!TryAcquire())
        {
            WhenFree().GetAwaiter().GetResult();
        }
    }

    internal bool TryAcquire()
    {
        int thread = Environment.CurrentManagedThreadId;
        if (_owner == thread)
        {
            _depth++;
            return true;
        }

        if (Interlocked.CompareExchange(ref _owner, thread, 0) != 0)
        {
            return false;
        }

        _depth = 1;
        return true;
    }

    internal void Release()
    {
        if (--_depth == 0)
        {
            Interlocked.Exchange(ref _owner, 0);   // a full fence: whoever queued before it is seen
            if (_hasQueue)
            {
                WakeQueue();
            }
        }
    }

    /// <summary>Completes when the store was free for a moment.</summary>
    internal Task WhenFree()
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_turns)
        {
            (_queue ??= []).Add(turn);
            _hasQueue = true;
        }

        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _owner) == 0)
        {
            WakeQueue();
        }

        return turn.Task;
    }

    /// <summary>A guest begins to wait for a host function.</summary>
    internal void AddWaiting(Activation activation)
    {
        lock (_turns)
        {
            (_waiting ??= []).Add(activation);
        }

        Interlocked.Increment(ref _memoryUses);
    }

    internal void RemoveWaiting(Activation activation)
    {
        lock (_turns)
        {
            _waiting?.Remove(activation);
        }
    }

    /// <summary>One use of the store's memory less; the last one frees it.</summary>
    internal void ReleaseMemory()
    {
        if (Interlocked.Decrement(ref _memoryUses) == 0)
        {
            FreeMemory();
        }
    }

    private void StopWaiting()
    {
        lock (_turns)
        {
            foreach (Activation activation in _waiting ?? [])
            {
                activation.PendingCall?.Stop();
            }
        }
    }

    private void WakeQueue()
    {
        List<TaskCompletionSource>? queue;
        lock (_turns)
        {
            queue = _queue;
            _queue = null;
            _hasQueue = false;
        }

        foreach (TaskCompletionSource turn in queue ?? [])
        {
            turn.SetResult();
        }
    }
}
