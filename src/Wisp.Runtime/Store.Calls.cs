using System.Runtime.CompilerServices;
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

    /// <summary>Whether none of its guests runs or waits. Asked by the one whose turn it is.</summary>
    internal bool IsAtRest
    {
        get
        {
            lock (_turns)
            {
                return Current is null && (_waiting is null || _waiting.Count == 0);
            }
        }
    }

    /// <summary>The only guest that waits for a host function, when there is one and no other.</summary>
    internal Activation? FindWaiting()
    {
        lock (_turns)
        {
            return Current is null && _waiting is { Count: 1 } ? _waiting.Single() : null;
        }
    }

    /// <summary>Makes this thread the one that runs the store's guests; waits for its turn.</summary>
    internal void Acquire() => Acquire(Environment.CurrentManagedThreadId);

    /// <summary>The same for a caller that knows its thread's managed id.</summary>
    internal void Acquire(int thread)
    {
        if (!TryAcquire(thread))
        {
            WaitForTurn(thread);
        }
    }

    internal bool TryAcquire() => TryAcquire(Environment.CurrentManagedThreadId);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAcquire(int thread)
    {
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
            Volatile.Write(ref _owner, 0);
            if (_hasQueue)   // no fence between the two: whoever queues makes all processors have one
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

        // Release writes the owner, then reads whether there is a queue. After this either it has seen the queue, or its write is seen here.
        Interlocked.MemoryBarrierProcessWide();
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForTurn(int thread)
    {
        do
        {
            WhenFree().GetAwaiter().GetResult();
        }
        while (!TryAcquire(thread));
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
