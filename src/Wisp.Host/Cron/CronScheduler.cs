using System.Globalization;
using Wisp.Host.Apps;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Cron;

// 1. A trigger never runs twice at once: a tick that comes while its run goes on is skipped.
// 2. Ticks that nobody could hear (the process was stopped, the machine slept) are not made up for; when several went by, the last one
//    runs, once.
// 3. The clock is looked at again at least every half minute, so a clock that is set is noticed. Set back, it brings the ticks of the
//    time that comes again once more.

/// <summary>Runs the cron triggers of one app until it is disposed.</summary>
internal sealed class CronScheduler : IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<AppCron> _triggers;
    private readonly TimeProvider _clock;
    private readonly Func<AppCron, DateTimeOffset, Task> _run;
    private readonly IInvocationSink _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;

    /// <summary>Makes a scheduler that does nothing yet.</summary>
    /// <param name="triggers">What runs when.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="run">Runs a trigger for a tick.</param>
    /// <param name="log">Told of ticks for which nothing runs.</param>
    public CronScheduler(
        IReadOnlyList<AppCron> triggers, TimeProvider clock, Func<AppCron, DateTimeOffset, Task> run, IInvocationSink log)
    {
        _triggers = triggers;
        _clock = clock;
        _run = run;
        _log = log;
        _stopped = _stop.Token;
    }

    /// <summary>Listens for ticks from now on.</summary>
    /// <returns>Completes after <see cref="Dispose"/>, when the last run has ended.</returns>
    public Task RunAsync() => Task.WhenAll(_triggers.Select(LoopAsync));

    /// <summary>No tick is heard from now on; what runs goes on.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task LoopAsync(AppCron trigger)
    {
        Task running = Task.CompletedTask;
        DateTimeOffset last = _clock.GetUtcNow();
        while (await NextTickAsync(trigger, last).ConfigureAwait(false) is DateTimeOffset tick)
        {
            last = tick;
            if (running.IsCompleted)
            {
                running = RunAsync(trigger, tick);
            }
            else
            {
                _log.Event(trigger.Origin, $"cron \"{trigger.Schedule.Text}\" skipped: the run before goes on");
            }
        }

        await running.ConfigureAwait(false);
    }

    /// <summary>Waits for the first tick after a time.</summary>
    /// <returns>When it was due, or null at the end.</returns>
    private async Task<DateTimeOffset?> NextTickAsync(AppCron trigger, DateTimeOffset after)
    {
        while (trigger.Schedule.Next(after) is DateTimeOffset next)
        {
            DateTimeOffset now = _clock.GetUtcNow();
            if (next <= now)
            {
                DateTimeOffset latest = trigger.Schedule.Latest(now) ?? next;
                if (latest > next)
                {
                    _log.Event(trigger.Origin, string.Create(
                        CultureInfo.InvariantCulture,
                        $"cron \"{trigger.Schedule.Text}\" missed ticks from {next.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} on"));
                }

                return latest;
            }

            try
            {
                await Task.Delay(next - now < LongestSleep ? next - now : LongestSleep, _clock, _stopped).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            // A clock that was set back: what it says now is where to go on from.
            now = _clock.GetUtcNow();
            after = now < after ? now : after;
        }

        return null;
    }

    private async Task RunAsync(AppCron trigger, DateTimeOffset tick)
    {
        try
        {
            await _run(trigger, tick).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The next tick is another try.
            _log.Event(trigger.Origin, $"cron \"{trigger.Schedule.Text}\" failed: {exception.GetType().Name}: {exception.Message}");
        }
    }
}
