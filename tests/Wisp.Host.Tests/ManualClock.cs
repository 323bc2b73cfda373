namespace Wisp.Host.Tests;

/// <summary>A clock that goes when it is told to.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _alarms = [];
    private DateTimeOffset _now = now;
    private TimeSpan _turned;

    /// <summary>Who waits for this clock now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _alarms.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return (_now - _turned).Ticks;
        }
    }

    /// <summary>Sets the clock; alarms whose time has come ring.</summary>
    public void Set(DateTimeOffset now)
    {
        Alarm[] due;
        lock (_lock)
        {
            _now = now;
            due = [.. _alarms.Where(alarm => alarm.Due <= now)];
            _alarms.RemoveAll(alarm => alarm.Due <= now);
        }

        foreach (Alarm alarm in due)
        {
            alarm.Ring();
        }
    }

    /// <summary>Turns the hands, as who sets a machine's clock: no time passes, and no alarm rings sooner or later for it.</summary>
    public void Turn(TimeSpan by)
    {
        lock (_lock)
        {
            _now += by;
            _turned += by;
            _alarms.ForEach(alarm => alarm.Due += by);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            var alarm = new Alarm(this, callback, state, _now + dueTime);
            _alarms.Add(alarm);
            return alarm;
        }
    }

    private sealed class Alarm(ManualClock clock, TimerCallback callback, object? state, DateTimeOffset due) : ITimer
    {
        public DateTimeOffset Due { get; set; } = due;

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
