using System.Runtime.CompilerServices;

namespace Wisp.Stacks;

/// <content>Waiting for async host functions, on this thread or on none.</content>
internal sealed partial class Activation
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RunSlowly(int status)
    {
        while (status == GuestStatus.Pending)
        {
            AsyncHostCall call = PendingCall!;
            using (var wait = new PendingWait(this, call))
            {
                try
                {
                    wait.Task.GetAwaiter().GetResult();
                }
                catch (Exception exception)
                {
                    EndWatch();
                    wait.Abandon(exception);
                }
            }

            _store!.Acquire();
            status = Continue(call);
        }

        if (status == GuestStatus.Stopped)
        {
            ThrowStopped();
        }
    }

    /// <summary>Waits without a thread for each async host function, then goes on in the thread pool.</summary>
    public async ValueTask RunSlowlyAsync(int status)
    {
        while (status == GuestStatus.Pending)
        {
            AsyncHostCall? call = PendingCall;
            if (call is null)
            {
                status = await ComputeAsync().ConfigureAwait(false);
                continue;
            }

            using (var wait = new PendingWait(this, call))
            {
                try
                {
                    await wait.Task.ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    EndWatch();
                    wait.Abandon(exception);
                }
            }

            while (!_store!.TryAcquire())
            {
                await _store.WhenFree().ConfigureAwait(false);
            }

            status = Continue(call);
        }

        if (status == GuestStatus.Stopped)
        {
            ThrowStopped();
        }
    }

    // The slice of time is over: takes turns with others that compute, until the guest waits or ends. What its caller does then is
    // no computing, so it is done in the thread pool again.
    private async ValueTask<int> ComputeAsync()
    {
        int status;
        do
        {
            await ComputeThreads.Shared.NextTurn();
            while (!_store!.TryAcquire())
            {
                await _store.WhenFree().ConfigureAwait(false);
            }

            status = Continue(null);
        }
        while (status == GuestStatus.Pending && PendingCall is null);

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return status;
    }

    // The store is acquired. The host call, if that was what the guest waited for, is done: its results go where the stub will look for them.
    private int Continue(AsyncHostCall? call)
    {
        PendingCall = null;
        PendingTask = null;
        try
        {
            _store!.ThrowIfDisposed();
            if (call is not null)
            {
                WriteResults(call);
            }
        }
        catch
        {
            EndWatch();
            _store!.Release();
            throw;
        }

        return Resume();
    }

    private void EndWatch()
    {
        _watch?.End();
    }
}
