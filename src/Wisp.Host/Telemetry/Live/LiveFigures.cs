using System.Collections.Concurrent;
using Wisp.Host.Telemetry.Messages;

namespace Wisp.Host.Telemetry.Live;

/// <summary>What the apps of a server did in the last minute. Thread safe.</summary>
internal sealed class LiveFigures(TimeProvider clock) : IInvocationSink
{
    private readonly ConcurrentDictionary<(string App, int Version), LiveCounter> _counters = new();
    private readonly LiveCounter _noApp = new();
    private readonly long _start = clock.GetTimestamp();

    public void Completed(InvocationRecord record)
    {
        LiveCounter counter = record.App is string app
            ? _counters.GetOrAdd((app, record.Version), static _ => new LiveCounter())
            : _noApp;
        counter.Add(record, Now());
    }

    /// <summary>The figures as they are now.</summary>
    public LiveMessage Read()
    {
        long now = Now();
        var total = new LiveSum();
        _noApp.AddTo(total, now);
        var apps = new List<LiveAppMessage>();
        foreach (IGrouping<string, KeyValuePair<(string App, int Version), LiveCounter>> app in _counters
            .GroupBy(pair => pair.Key.App).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var sum = new LiveSum();
            var versions = new List<LiveVersionMessage>();
            foreach (((string App, int Version) key, LiveCounter counter) in app.OrderBy(pair => pair.Key.Version))
            {
                var own = new LiveSum();
                if (counter.AddTo(own, now))
                {
                    versions.Add(new LiveVersionMessage(key.Version, own.ToMessage()));
                    counter.AddTo(sum, now);
                    counter.AddTo(total, now);
                }
                else
                {
                    _counters.TryRemove(key, out _);   // a request that comes in this moment may be missed here, and nowhere else
                }
            }

            if (versions.Count > 0)
            {
                apps.Add(new LiveAppMessage(app.Key, sum.ToMessage(), versions));
            }
        }

        return new LiveMessage(clock.GetUtcNow(), total.ToMessage(), apps);
    }

    // Far enough from zero that an empty slot is always old.
    private long Now() => (long)clock.GetElapsedTime(_start).TotalSeconds + 1000;
}
