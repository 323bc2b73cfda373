namespace Wisp.Wasi.Preview1;

// poll_oneoff: waits until at least one of several things happens. No thread waits with it.
internal sealed partial class Preview1Functions
{
    private const uint MaxSubscriptions = 4096;
    private const ushort AbsoluteTime = 1;

    private readonly record struct Subscription(
        ulong UserData, EventType Type, Errno Error, Descriptor? Descriptor, ClockId Clock, ulong Deadline);

    public ValueTask<Errno> PollOneoff(GuestCall call, uint subscriptions, uint events, uint count, uint nevents) =>
        PollOneoff(call, subscriptions, events, count, nevents, unstable: false);

    /// <summary>The same with the layout of <c>wasi_unstable</c>.</summary>
    public ValueTask<Errno> PollOneoffUnstable(GuestCall call, uint subscriptions, uint events, uint count,
        uint nevents) =>
        PollOneoff(call, subscriptions, events, count, nevents, unstable: true);

    private ValueTask<Errno> PollOneoff(GuestCall call, uint subscriptions, uint events, uint count, uint nevents,
        bool unstable)
    {
        if (count is 0 or > MaxSubscriptions)
        {
            return new ValueTask<Errno>(Errno.Inval);
        }

        GuestMemory view = call.View;
        if (!view.TrySlice(events, (ulong)count * Layouts.EventBytes, out _)
            || !view.TrySlice(nevents, sizeof(uint), out _))
        {
            return new ValueTask<Errno>(Errno.Fault);
        }

        Subscription[] all = new Subscription[count];
        Errno error = ReadSubscriptions(view, subscriptions, unstable, all);
        if (error != Errno.Success)
        {
            return new ValueTask<Errno>(error);
        }

        if (_clock.IsFixed && Array.TrueForAll(all, subscription => subscription.Type == EventType.Clock))
        {
            PassToEarliest(all);
        }

        return WriteOccurred(view, all, events, nevents)
            ? new ValueTask<Errno>(Errno.Success)
            : WaitAndPoll(call, all, events, nevents);
    }

    private Errno ReadSubscriptions(GuestMemory memory, uint address, bool unstable, Subscription[] all)
    {
        int size = unstable ? Layouts.UnstableSubscriptionBytes : Layouts.SubscriptionBytes;
        ulong clockOffset = unstable ? 24UL : 16UL;
        for (int i = 0; i < all.Length; i++)
        {
            ulong at = address + ((ulong)i * (ulong)size);
            if (!memory.TrySlice(at, (ulong)size, out _))
            {
                return Errno.Fault;
            }

            _ = memory.TryReadUInt64(at, out ulong userData);
            _ = memory.TryReadByte(at + 8, out byte tag);
            switch ((EventType)tag)
            {
                case EventType.Clock:
                    _ = memory.TryReadUInt32(at + clockOffset, out uint clock);
                    _ = memory.TryReadUInt64(at + clockOffset + 8, out ulong timeout);
                    _ = memory.TryReadUInt16(at + clockOffset + 24, out ushort flags);
                    all[i] = ClockSubscription(userData, clock, timeout, flags);
                    break;
                case EventType.FdRead or EventType.FdWrite:
                    _ = memory.TryReadUInt32(at + 16, out uint fd);
                    Errno error = Get(fd, Rights.PollFdReadwrite, out Descriptor descriptor);
                    error = descriptor is DirectoryDescriptor ? Errno.Badf : error;
                    all[i] = new Subscription(userData, (EventType)tag, error, descriptor, default, 0);
                    break;
                default:
                    return Errno.Inval;
            }
        }

        return Errno.Success;
    }

    private Subscription ClockSubscription(ulong userData, uint clock, ulong timeout, ushort flags)
    {
        bool known = clock <= (uint)ClockId.ThreadCpuTime && (flags & ~AbsoluteTime) == 0;
        if (!known)
        {
            return new Subscription(userData, EventType.Clock, Errno.Inval, null, ClockId.Monotonic, 0);
        }

        ulong now = _clock.Now((ClockId)clock);
        ulong deadline = (flags & AbsoluteTime) != 0
            ? timeout : timeout > ulong.MaxValue - now ? ulong.MaxValue : now + timeout;
        return new Subscription(userData, EventType.Clock, Errno.Success, null, (ClockId)clock, deadline);
    }

    private void PassToEarliest(Subscription[] all)
    {
        ulong least = ulong.MaxValue;
        foreach (Subscription subscription in all)
        {
            ulong left = subscription.Error == Errno.Success ? Left(in subscription) : 0;
            least = Math.Min(least, left);
        }

        _clock.Pass(least);
    }

    /// <summary>Nanoseconds until a clock's subscription is due.</summary>
    private ulong Left(in Subscription subscription)
    {
        ulong now = _clock.Now(subscription.Clock);
        return subscription.Deadline > now ? subscription.Deadline - now : 0;
    }

    /// <summary>Writes the events that have occurred; false when there is none.</summary>
    private bool WriteOccurred(GuestMemory memory, Subscription[] all, uint events, uint nevents)
    {
        uint occurred = 0;
        foreach (Subscription subscription in all)
        {
            if (!Occurred(in subscription, out PollEvent happened))
            {
                continue;
            }

            if (memory.TrySlice(events + ((ulong)occurred * Layouts.EventBytes), Layouts.EventBytes,
                out Span<byte> bytes))
            {
                Layouts.WriteEvent(bytes, in happened);
            }

            occurred++;
        }

        return occurred > 0 && memory.TryWriteUInt32(nevents, occurred);
    }

    private bool Occurred(in Subscription subscription, out PollEvent happened)
    {
        happened = new PollEvent(subscription.UserData, subscription.Error, subscription.Type, 0, false);
        if (subscription.Error != Errno.Success)
        {
            return true;
        }

        if (subscription.Descriptor is null)
        {
            return Left(in subscription) == 0;
        }

        bool ready = subscription.Descriptor.IsReady(subscription.Type == EventType.FdWrite, out ulong bytes,
            out bool hangUp);
        happened = happened with { Bytes = bytes, HangUp = hangUp };
        return ready;
    }

    private async ValueTask<Errno> WaitAndPoll(GuestCall call, Subscription[] all, uint events, uint nevents)
    {
        do
        {
            // Those that did not happen must stop waiting, or they would pile up with each call.
            using CancellationTokenSource rest = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
            List<Task> waits = [];
            ulong least = ulong.MaxValue;
            foreach (Subscription subscription in all)
            {
                if (subscription.Descriptor is { } descriptor)
                {
                    waits.Add(descriptor.WaitAsync(subscription.Type == EventType.FdWrite, rest.Token).AsTask());
                }
                else
                {
                    least = Math.Min(least, Left(in subscription));
                }
            }

            if (least != ulong.MaxValue || waits.Count == 0)
            {
                waits.Add(Task.Delay(DelayOf(least), rest.Token));
            }

            await Task.WhenAny(waits).ConfigureAwait(false);
            await rest.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(waits).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            call.CancellationToken.ThrowIfCancellationRequested();
        }
        while (!WriteOccurred(call.View, all, events, nevents));
        return Errno.Success;
    }

    // Timers count milliseconds: rounded up, so that the loop does not spin out the last fraction, and cut to what a
    // timer takes.
    private static TimeSpan DelayOf(ulong nanoseconds)
    {
        const ulong Longest = 24UL * 3600 * 1000;
        return TimeSpan.FromMilliseconds(Math.Min((nanoseconds / 1_000_000) + 1, Longest));
    }
}
