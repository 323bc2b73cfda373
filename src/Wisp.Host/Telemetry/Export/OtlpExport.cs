using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Wisp.Host.Telemetry.Export;

/// <summary>Sends traces, metrics and logs to a collector by OTLP, when the standard variables say where.</summary>
/// <remarks>
/// The exporters read the variables themselves, so headers, protocol, intervals and samplers are as everywhere. What is sent waits in
/// queues of bounded size; a collector that is slow or away loses some of it, and never holds up a request.
/// Source: <see href="https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/">variables</see>.
/// </remarks>
internal sealed class OtlpExport : IDisposable
{
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly ILoggerFactory? _logs;
    private readonly HostInstruments? _instruments;

    private OtlpExport(OtlpSignals signals)
    {
        var sinks = new List<IInvocationSink>();
        if (signals.Traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(HostTracing.SourceName).AddOtlpExporter().Build();
        }

        if (signals.Metrics)
        {
            _instruments = new HostInstruments();
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(HostInstruments.MeterName).AddOtlpExporter().Build();
            sinks.Add(_instruments);
        }

        if (signals.Logs)
        {
            _logs = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
            {
                var resource = ResourceBuilder.CreateDefault();
                Describe(resource);
                options.SetResourceBuilder(resource);
                options.IncludeFormattedMessage = true;
                options.AddOtlpExporter();
            }));
            sinks.Add(new OtlpLogSink(_logs.CreateLogger(HostInstruments.MeterName)));
        }

        Sink = new InvocationSinks([.. sinks]);
    }

    /// <summary>Takes what invocations leave behind.</summary>
    public IInvocationSink Sink { get; }

    /// <summary>Starts to export, when the environment asks for it.</summary>
    /// <returns>The export, or null.</returns>
    public static OtlpExport? FromEnvironment() =>
        OtlpSignals.Of(Environment.GetEnvironmentVariable) is { IsNone: false } signals ? Start(signals) : null;

    /// <summary>Adds what components do this moment to the metrics.</summary>
    public void Observe(Func<IEnumerable<Metrics.ComponentGauge>> gauges) => _instruments?.Observe(gauges);

    /// <summary>Sends what waits, and ends.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        _logs?.Dispose();
        _instruments?.Dispose();
    }

    // A method of its own: without the variables none of the packages is even loaded.
    private static OtlpExport Start(OtlpSignals signals) => new(signals);

    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win, as they are read behind this.
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("wisp", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3))
        .AddEnvironmentVariableDetector();
}
