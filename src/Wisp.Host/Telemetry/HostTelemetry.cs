using Wisp.Host.Invocations;
using Wisp.Host.Logs;
using Wisp.Host.Telemetry.Export;
using Wisp.Host.Telemetry.Live;
using Wisp.Host.Telemetry.Metrics;

namespace Wisp.Host.Telemetry;

/// <summary>What a server knows about its invocations: one sink, and what can be asked. Thread safe.</summary>
internal sealed class HostTelemetry : IDisposable
{
    private readonly MetricStore _metrics;
    private readonly OtlpExport? _export;
    private Func<IEnumerable<ComponentGauge>>? _gauges;

    /// <summary>Opens it.</summary>
    /// <param name="logFolder">Where the logs of the apps are kept.</param>
    /// <param name="options">How much of them; null for the defaults.</param>
    /// <param name="clock">Tells the time; null for the machine's.</param>
    /// <param name="failed">Told why lines could not be written.</param>
    /// <param name="others">More sinks, such as the server's own log.</param>
    public HostTelemetry(
        string logFolder, LogOptions? options = null, TimeProvider? clock = null, Action<string>? failed = null, params IInvocationSink[] others)
    {
        Logs = new LogStore(logFolder, options, clock, failed);
        Numbers = new InvocationNumbers(Path.Combine(logFolder, ".last-invocation"));
        Live = new LiveFigures(clock ?? TimeProvider.System);
        _metrics = new MetricStore(clock ?? TimeProvider.System);
        _export = OtlpExport.FromEnvironment();
        Prometheus = new PrometheusPage(_metrics, () => _gauges?.Invoke() ?? [], Logs.DroppedLines);
        IInvocationSink[] exported = _export is null ? [] : [_export.Sink];
        Sink = new InvocationSinks([.. others, Logs, Live, History, _metrics, .. exported]);
    }

    /// <summary>Takes what invocations leave behind.</summary>
    public IInvocationSink Sink { get; }

    public LogStore Logs { get; }

    /// <summary>Numbers the invocations, of which the logs have those of earlier starts too.</summary>
    public InvocationNumbers Numbers { get; }

    public LiveFigures Live { get; }

    public InvocationHistory History { get; } = new();

    /// <summary>What <c>/metrics</c> answers.</summary>
    public PrometheusPage Prometheus { get; }

    /// <summary>Says how to find out what components do this moment; once.</summary>
    public void Observe(Func<IEnumerable<ComponentGauge>> gauges)
    {
        _gauges = gauges;
        _export?.Observe(gauges);
    }

    /// <summary>Forgets all about an app that was deleted.</summary>
    public void Forget(string app)
    {
        Logs.Delete(app);
        History.Forget(app);
        _metrics.Forget(app);
    }

    /// <summary>Writes what waits.</summary>
    public void Dispose()
    {
        Numbers.Dispose();
        Logs.Dispose();
        _export?.Dispose();
    }
}
