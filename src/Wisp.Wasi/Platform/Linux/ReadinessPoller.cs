using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Wisp.Wasi.Platform.Linux;

/// <summary>Waits for any number of descriptors to become ready, on one thread for the whole process.</summary>
/// <remarks>
/// Each wait watches a duplicate of the descriptor, once (EPOLLONESHOT). So the same descriptor may be waited for
/// twice, and closing it meanwhile neither ends the wait of another nor lets the kernel reuse the number under us. The
/// thread starts with the first wait and stays; it costs nothing while nobody waits.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "Lives as long as the process.")]
internal sealed class ReadinessPoller
{
    private const int EventsAtOnce = 64;

    private static readonly Lazy<ReadinessPoller> Lazy = new(() => new ReadinessPoller());

    private readonly HostDescriptor _epoll;
    private readonly ConcurrentDictionary<long, Wait> _waits = new();
    private long _lastId;

    private ReadinessPoller()
    {
        _epoll = new HostDescriptor(LibC.EPollCreate(EPollEvent.CloseOnExec));
        if (_epoll.IsInvalid)
        {
            throw new InvalidOperationException($"epoll_create1 failed with error {Marshal.GetLastPInvokeError()}");
        }

        new Thread(Run) { IsBackground = true, Name = "wisp readiness" }.Start();
    }

    private sealed record Wait(HostDescriptor Descriptor, TaskCompletionSource Done);

    public static ReadinessPoller Shared => Lazy.Value;

    /// <summary>Completes when a read (or a write) on the descriptor would not wait, and at once when it is no such
    /// thing.</summary>
    public async ValueTask WaitAsync(HostDescriptor descriptor, bool write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        HostDescriptor? duplicate = HostFile.Duplicate(descriptor);
        if (duplicate is null)
        {
            // Out of descriptors: the call that waits must not spin, nor fail for a reason that is not its own.
            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            return;
        }

        long id = Interlocked.Increment(ref _lastId);
        Wait wait = new(duplicate, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _waits[id] = wait;
        try
        {
            uint events = (write ? EPollEvent.Out : EPollEvent.In) | EPollEvent.OneShot;
            EPollEvent change = new() { Events = events, Data = id };
            if (LibC.EPollCtl(_epoll, EPollEvent.Add, duplicate, ref change) < 0)
            {
                return;   // EPERM: a regular file, which is always ready
            }

            await wait.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Closing would not do: the kernel forgets a descriptor only when the last one of its open file is closed.
            EPollEvent none = default;
            _ = LibC.EPollCtl(_epoll, EPollEvent.Delete, duplicate, ref none);
            _waits.TryRemove(id, out _);
            duplicate.Dispose();
        }
    }

    private void Run()
    {
        Span<EPollEvent> events = new EPollEvent[EventsAtOnce];
        while (true)
        {
            int count = LibC.EPollWait(_epoll, ref events[0], events.Length, -1);
            for (int i = 0; i < count; i++)
            {
                if (_waits.TryGetValue(events[i].Data, out Wait? wait))
                {
                    wait.Done.TrySetResult();
                }
            }
        }
    }
}
