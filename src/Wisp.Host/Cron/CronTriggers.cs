using Wisp.Host.Apps;

namespace Wisp.Host.Cron;

/// <summary>The cron triggers of an app through its changes: those of one app at a time are heard. Thread safe.</summary>
/// <param name="path">Runs components.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class CronTriggers(RequestPath path, TimeProvider clock) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Task> _schedules = [];   // of this app and of those before it whose runs have not ended
    private CronScheduler? _scheduler;

    /// <summary>Hears the ticks of an app from now on, and of none before it; what runs goes on.</summary>
    /// <param name="app">The app, with a use that this releases after the last run; null for none.</param>
    public void Switch(App? app)
    {
        lock (_lock)
        {
            _scheduler?.Dispose();
            _scheduler = null;
            _schedules.RemoveAll(schedule => schedule.IsCompleted);
            if (app is null)
            {
                return;
            }

            if (app.Cron.Count == 0)
            {
                app.ReleaseUse();
                return;
            }

            _scheduler = new CronScheduler(app.Cron, clock, path.TickAsync, path.Log);
            _schedules.Add(EndAsync(_scheduler.RunAsync(), app));
        }
    }

    /// <summary>Hears no more ticks.</summary>
    public void Dispose() => Switch(null);

    /// <summary>Completes when the runs of apps that are not heard any more have ended.</summary>
    public Task EndedAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_schedules);
        }
    }

    private static async Task EndAsync(Task schedule, App app)
    {
        await schedule.ConfigureAwait(false);
        app.ReleaseUse();
    }
}
