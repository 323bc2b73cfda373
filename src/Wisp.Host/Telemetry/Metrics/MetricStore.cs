using System.Collections.Concurrent;

namespace Wisp.Host.Telemetry.Metrics;

/// <summary>What a component's series are told apart by. Routes and targets are not: clients choose those.</summary>
/// <param name="App">The app; empty for requests that reach none.</param>
/// <param name="Version">Number of its version, or 0.</param>
/// <param name="Component">The component; empty where no program runs.</param>
internal readonly record struct SeriesKey(string App, int Version, string Component);

/// <summary>Counts invocations since the start, for <see cref="PrometheusPage"/>. Thread safe.</summary>
/// <remarks>A version that nobody asked for a day is counted no more. Past <see cref="MaxSeries"/> components what comes new is counted
/// together, as of the app <c>(other)</c>.</remarks>
internal sealed class MetricStore(TimeProvider clock) : IInvocationSink
{
    public const int MaxSeries = 10_000;

    private static readonly SeriesKey Other = new("(other)", 0, string.Empty);
    private static readonly TimeSpan MaxIdle = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<SeriesKey, ComponentSeries> _series = new();
    private int _count;   // the dictionary's own takes all of its locks

    public void Completed(InvocationRecord record)
    {
        var key = new SeriesKey(record.App ?? string.Empty, record.Version, record.Component ?? string.Empty);
        ComponentSeries series = _series.TryGetValue(key, out ComponentSeries? known) ? known : Make(key);
        series.Add(record, clock.GetTimestamp());
    }

    /// <summary>All series, in an order that stays.</summary>
    public IReadOnlyList<KeyValuePair<SeriesKey, ComponentSeries>> Read()
    {
        foreach ((SeriesKey key, ComponentSeries series) in _series)
        {
            if (clock.GetElapsedTime(series.LastUse) > MaxIdle && _series.TryRemove(key, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }

        return [.. _series.OrderBy(pair => pair.Key.App, StringComparer.Ordinal).ThenBy(pair => pair.Key.Version)
            .ThenBy(pair => pair.Key.Component, StringComparer.Ordinal)];
    }

    public void Forget(string app)
    {
        foreach (SeriesKey key in _series.Keys.Where(key => key.App == app))
        {
            if (_series.TryRemove(key, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    private ComponentSeries Make(SeriesKey key)
    {
        if (Volatile.Read(ref _count) >= MaxSeries)
        {
            key = Other;
        }

        var made = new ComponentSeries();
        ComponentSeries kept = _series.GetOrAdd(key, made);
        if (ReferenceEquals(kept, made))
        {
            Interlocked.Increment(ref _count);
        }

        return kept;
    }
}
