using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Wisp.Host.Telemetry.Export;

/// <summary>The instruments of the meter <c>Wisp.Host</c>. Made where somebody exports what they say.</summary>
internal sealed class HostInstruments : IInvocationSink, IDisposable
{
    public const string MeterName = "Wisp.Host";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _invocations;
    private readonly Counter<long> _coldStarts;
    private readonly Counter<long> _denied;
    private readonly Counter<long> _limits;
    private readonly Counter<double> _cpu;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _instantiation;
    private readonly Histogram<double> _wake;
    private readonly Histogram<long> _memory;

    public HostInstruments()
    {
        _invocations = _meter.CreateCounter<long>("wisp.invocations", "{invocation}", "Invocations by how they came out.");
        _coldStarts = _meter.CreateCounter<long>("wisp.cold_starts", "{invocation}", "Invocations that found their code cold.");
        _denied = _meter.CreateCounter<long>("wisp.permissions.denied", "{denial}", "How often programs were denied something.");
        _limits = _meter.CreateCounter<long>("wisp.limits", "{invocation}", "Invocations that a limit ended; concurrency is those that were not admitted.");
        _cpu = _meter.CreateCounter<double>("wisp.invocation.cpu_time", "s", "Processor time of programs.");
        _duration = Durations("wisp.invocation.duration", "From a request's head to its answer's end.", Metrics.HistogramSeries.Durations);
        _instantiation = Durations("wisp.instantiate.duration", "Time to make the instance.", Metrics.HistogramSeries.ShortDurations);
        _wake = Durations("wisp.wake.duration", "Time to map the code where it was cold.", Metrics.HistogramSeries.ShortDurations);
        _memory = _meter.CreateHistogram(
            "wisp.invocation.memory", "By", "The most linear memory that an invocation had.", tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Metrics.HistogramSeries.Memory.Select(bound => (long)bound)] });
    }

    /// <summary>Adds what components do this moment.</summary>
    public void Observe(Func<IEnumerable<Metrics.ComponentGauge>> gauges)
    {
        _meter.CreateObservableUpDownCounter(
            "wisp.invocations.active", () => gauges().Select(gauge => new Measurement<int>(gauge.Running, TagsOf(gauge))), "{invocation}", "Invocations that run.");
        _meter.CreateObservableUpDownCounter(
            "wisp.invocations.waiting", () => gauges().Select(gauge => new Measurement<int>(gauge.Waiting, TagsOf(gauge))), "{invocation}", "Invocations that wait for their turn.");
    }

    public void Completed(InvocationRecord record)
    {
        var tags = new TagList
        {
            { "wisp.app", record.App ?? string.Empty },
            { "wisp.version", record.Version },
            { "wisp.component", record.Component ?? string.Empty },
        };
        _cpu.Add(record.Cpu.TotalSeconds, tags);
        if (record.Instantiation > TimeSpan.Zero)
        {
            _instantiation.Record(record.Instantiation.TotalSeconds, tags);
            _memory.Record(record.MemoryBytes, tags);
        }

        if (record.Wake is TimeSpan wake)
        {
            _coldStarts.Add(1, tags);
            _wake.Record(wake.TotalSeconds, tags);
        }

        if (record.DeniedCount > 0)
        {
            _denied.Add(record.DeniedCount, tags);
        }

        if (record.Limit is string limit)
        {
            TagList limited = tags;
            limited.Add("wisp.limit", limit);
            _limits.Add(1, limited);
        }

        tags.Add("wisp.status", StatusClass.NameOf(StatusClass.IndexOf(record)));
        _invocations.Add(1, tags);
        _duration.Record(record.Wall.TotalSeconds, tags);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?>[] TagsOf(Metrics.ComponentGauge gauge) =>
        [new("wisp.app", gauge.App ?? string.Empty), new("wisp.version", gauge.Version), new("wisp.component", gauge.Component)];

    private Histogram<double> Durations(string name, string description, double[] bounds) => _meter.CreateHistogram(
        name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
