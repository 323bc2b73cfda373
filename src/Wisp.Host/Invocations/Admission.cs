namespace Wisp.Host.Invocations;

// running <= concurrency, and waiting > 0 only while running == concurrency. Who leaves gives its place to who waited longest, so that
// nobody who comes later overtakes. A wait ends in one way only: under the lock the waiter is in the list, or it was taken out and
// answered.

/// <summary>Lets so many invocations of a component run at once, and so many wait for their turn.</summary>
internal sealed class Admission(int concurrency, int queue)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = new();
    private int _running;

    /// <summary>Invocations that run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Invocations that wait now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Takes a place if one is free and nobody waits for it.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            bool isFree = _running < concurrency;
            _running += isFree ? 1 : 0;
            return isFree;
        }
    }

    /// <summary>Takes a place; waits for one while the queue has room.</summary>
    /// <param name="patience">How long to wait; null without end.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Whether there is a place, which then must be left. Without one it is to come back later.</returns>
    public ValueTask<bool> EnterAsync(TimeSpan? patience, CancellationToken stop)
    {
        lock (_lock)
        {
            if (_running < concurrency)
            {
                _running++;
                return ValueTask.FromResult(true);
            }

            if (_waiting.Count >= queue)
            {
                return ValueTask.FromResult(false);
            }

            var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return WaitAsync(_waiting.AddLast(turn), patience, stop);
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        TaskCompletionSource<bool>? next = null;
        lock (_lock)
        {
            if (_waiting.First is { } first)
            {
                _waiting.Remove(first);
                next = first.Value;
            }
            else
            {
                _running--;
            }
        }

        next?.SetResult(true);
    }

    private async ValueTask<bool> WaitAsync(
        LinkedListNode<TaskCompletionSource<bool>> node, TimeSpan? patience, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (patience is TimeSpan time)
        {
            end.CancelAfter(time);
        }

        using CancellationTokenRegistration registration = end.Token.Register(() => GiveUp(node));
        return await node.Value.Task.ConfigureAwait(false);
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource<bool>> node)
    {
        lock (_lock)
        {
            if (node.List is null)
            {
                return;   // its turn has come meanwhile
            }

            _waiting.Remove(node);
        }

        node.Value.SetResult(false);
    }
}
