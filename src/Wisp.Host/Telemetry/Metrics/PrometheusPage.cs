using System.Diagnostics;
using System.Globalization;

namespace Wisp.Host.Telemetry.Metrics;

/// <summary>What <c>/metrics</c> answers.</summary>
/// <param name="store">What was counted.</param>
/// <param name="gauges">What components do this moment.</param>
/// <param name="droppedLines">Lines that the logs of apps could not keep.</param>
internal sealed class PrometheusPage(
    MetricStore store, Func<IEnumerable<ComponentGauge>> gauges, Func<IEnumerable<(string App, long Lines)>> droppedLines)
{
    public byte[] Write()
    {
        var text = new PrometheusText();
        var series = store.Read().Select(pair => (Labels: LabelsOf(pair.Key), pair.Value)).ToArray();
        Counter(text, series, "wisp_invocations_total", "Invocations by how they came out: 2xx and so on, 499 for clients that went away, ok and failed for cron.",
            WriteStatuses);
        Counter(text, series, "wisp_invocation_cpu_seconds_total", "Processor time of programs.", static (text, name, labels, one) => text.Sample(name, labels, one.CpuSeconds));
        Counter(text, series, "wisp_cold_starts_total", "Invocations that found their code cold.", static (text, name, labels, one) => text.Sample(name, labels, one.Wake.Count));
        Counter(text, series, "wisp_denied_permissions_total", "How often programs were denied something.", static (text, name, labels, one) => text.Sample(name, labels, one.Denied));
        Counter(text, series, "wisp_limits_total", "Invocations that a limit ended; concurrency is those that were not admitted.", WriteLimits);
        Histogram(text, series, "wisp_invocation_duration_seconds", "From a request's head to its answer's end.", static one => one.Duration);
        Histogram(text, series, "wisp_instantiate_duration_seconds", "Time to make the instance.", static one => one.Instantiation);
        Histogram(text, series, "wisp_wake_duration_seconds", "Time to map the code where it was cold.", static one => one.Wake);
        Histogram(text, series, "wisp_invocation_memory_bytes", "The most linear memory that an invocation had.", static one => one.Memory);
        WriteGauges(text);
        WriteProcess(text);
        return text.ToBytes();
    }

    private static string LabelsOf(SeriesKey key) => PrometheusText.Labels(
        ("app", key.App), ("version", key.Version.ToString(CultureInfo.InvariantCulture)), ("component", key.Component));

    private static void Counter(
        PrometheusText text, (string Labels, ComponentSeries Value)[] series, string name, string help,
        Action<PrometheusText, string, string, ComponentSeries> write)
    {
        text.Family(name, "counter", help);
        foreach ((string labels, ComponentSeries one) in series)
        {
            lock (one.Lock)
            {
                write(text, name, labels, one);
            }
        }
    }

    private static void Histogram(
        PrometheusText text, (string Labels, ComponentSeries Value)[] series, string name, string help, Func<ComponentSeries, HistogramSeries> find)
    {
        text.Family(name, "histogram", help);
        foreach ((string labels, ComponentSeries one) in series)
        {
            lock (one.Lock)
            {
                if (find(one) is { Count: > 0 } histogram)
                {
                    text.Histogram(name, labels, histogram);
                }
            }
        }
    }

    private static void WriteStatuses(PrometheusText text, string name, string labels, ComponentSeries series)
    {
        for (int i = 0; i < series.Invocations.Length; i++)
        {
            if (series.Invocations[i] > 0)
            {
                text.Sample(name, PrometheusText.Join(labels, PrometheusText.Labels(("status", StatusClass.NameOf(i)))), series.Invocations[i]);
            }
        }
    }

    private static void WriteLimits(PrometheusText text, string name, string labels, ComponentSeries series)
    {
        foreach ((string limit, long count) in series.Limits.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Sample(name, PrometheusText.Join(labels, PrometheusText.Labels(("limit", limit))), count);
        }
    }

    private static void WriteProcess(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        text.Family("process_cpu_seconds_total", "counter", "Processor time of the server.");
        text.Sample("process_cpu_seconds_total", string.Empty, process.TotalProcessorTime.TotalSeconds);
        text.Family("process_resident_memory_bytes", "gauge", "Memory of the server.");
        text.Sample("process_resident_memory_bytes", string.Empty, process.WorkingSet64);
        text.Family("process_start_time_seconds", "gauge", "When the server started, in seconds since 1970.");
        text.Sample(
            "process_start_time_seconds", string.Empty, (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
    }

    private void WriteGauges(PrometheusText text)
    {
        (string Labels, ComponentGauge Value)[] now =
        [
            .. gauges().Select(gauge => (LabelsOf(new SeriesKey(gauge.App ?? string.Empty, gauge.Version, gauge.Component)), gauge)),
        ];
        text.Family("wisp_invocations_active", "gauge", "Invocations that run.");
        foreach ((string labels, ComponentGauge gauge) in now)
        {
            text.Sample("wisp_invocations_active", labels, gauge.Running);
        }

        text.Family("wisp_invocations_waiting", "gauge", "Invocations that wait for their turn.");
        foreach ((string labels, ComponentGauge gauge) in now)
        {
            text.Sample("wisp_invocations_waiting", labels, gauge.Waiting);
        }

        text.Family("wisp_log_lines_dropped_total", "counter", "Lines of an app that its log could not keep.");
        foreach ((string app, long lines) in droppedLines())
        {
            text.Sample("wisp_log_lines_dropped_total", PrometheusText.Labels(("app", app)), lines);
        }
    }
}
