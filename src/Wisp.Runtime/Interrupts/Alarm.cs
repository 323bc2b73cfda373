using System.Diagnostics;

namespace Wisp.Interrupts;

/// <summary>One thread that looks after all watched calls when they are due.</summary>
internal sealed class Alarm
{
    private readonly object _gate = new();
    private readonly PriorityQueue<IAlarmed, long> _queue = new();
    private bool _isStarted;

    /// <summary>The process has one; its thread starts with the first call that is watched.</summary>
    public static Alarm Shared { get; } = new();

    /// <summary>Has a watch look at its call.</summary>
    /// <param name="watch">The watch. One that has ended is dropped when it is due.</param>
    /// <param name="timestamp">When, by <see cref="Stopwatch"/>.</param>
    public void Set(IAlarmed watch, long timestamp)
    {
        lock (_gate)
        {
            _queue.Enqueue(watch, timestamp);
            if (!_isStarted)
            {
                _isStarted = true;
                new Thread(Run) { IsBackground = true, Name = "Wisp alarm" }.Start();
            }
            else if (_queue.Peek() == watch)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            IAlarmed watch = TakeNextDue(out long due);
            long next = watch.Look(due);
            if (next != long.MaxValue)
            {
                Set(watch, next);
            }
        }
    }

    private IAlarmed TakeNextDue(out long due)
    {
        lock (_gate)
        {
            while (true)
            {
                if (!_queue.TryPeek(out IAlarmed? watch, out due))
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (left <= TimeSpan.Zero)
                {
                    _queue.Dequeue();
                    return watch;
                }

                // Rounded up: a wait of zero milliseconds would spin.
                Monitor.Wait(_gate, (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
            }
        }
    }
}
