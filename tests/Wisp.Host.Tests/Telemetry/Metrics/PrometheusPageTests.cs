using System.Text;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Metrics;

namespace Wisp.Host.Tests.Telemetry.Metrics;

public sealed class PrometheusPageTests
{
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly MetricStore _store;
    private readonly PrometheusPage _page;

    public PrometheusPageTests()
    {
        _store = new MetricStore(_clock);
        _page = new PrometheusPage(_store, () => [new ComponentGauge("shop", 2, "cart", 3, 1)], () => [("shop", 17)]);
    }

    [Fact]
    public void EverythingIsThereInTheFormat()
    {
        Add(new("shop", 2, "/cart", "cart"), 200, milliseconds: 1);
        Add(new("shop", 2, "/other", "cart"), 204, milliseconds: 40);
        Add(new("shop", 2, "/cart", "cart"), 500, milliseconds: 7000, limit: "cpu", wake: TimeSpan.FromMilliseconds(0.7), denied: 5);
        Add(new("shop", 3, "/cart", "cart"), 503, limit: "concurrency", ran: false);
        Add(new("shop", 3, "* * * * *", "sweep", InvocationOrigin.Cron), 0, result: "exit 1");
        Add(new("shop", 3), 404, ran: false);
        Add(InvocationOrigin.None, 404, ran: false);

        Dictionary<string, double> samples = PrometheusReader.Read(Encoding.UTF8.GetString(_page.Write())).Samples;
        const string Cart = "app=\"shop\",version=\"2\",component=\"cart\"";
        Assert.Equal(2, samples[$"wisp_invocations_total{{{Cart},status=\"2xx\"}}"]);
        Assert.Equal(1, samples[$"wisp_invocations_total{{{Cart},status=\"5xx\"}}"]);
        Assert.Equal(1, samples["wisp_invocations_total{app=\"shop\",version=\"3\",component=\"sweep\",status=\"failed\"}"]);
        Assert.Equal(1, samples["wisp_invocations_total{app=\"shop\",version=\"3\",component=\"\",status=\"4xx\"}"]);
        Assert.Equal(1, samples["wisp_invocations_total{app=\"\",version=\"0\",component=\"\",status=\"4xx\"}"]);
        Assert.Equal(1, samples["wisp_limits_total{app=\"shop\",version=\"3\",component=\"cart\",limit=\"concurrency\"}"]);
        Assert.Equal(1, samples[$"wisp_limits_total{{{Cart},limit=\"cpu\"}}"]);
        Assert.Equal(5, samples[$"wisp_denied_permissions_total{{{Cart}}}"]);
        Assert.Equal(1, samples[$"wisp_cold_starts_total{{{Cart}}}"]);
        Assert.Equal(0.006, samples[$"wisp_invocation_cpu_seconds_total{{{Cart}}}"], 9);

        // One that is as long as a bound is in its bucket.
        Assert.Equal([0, 1, 1, 2, 2, 3, 3], new[] { "0.0005", "0.001", "0.025", "0.05", "2.5", "10", "+Inf" }
            .Select(bound => samples[$"wisp_invocation_duration_seconds_bucket{{{Cart},le=\"{bound}\"}}"]));
        Assert.Equal(7.041, samples[$"wisp_invocation_duration_seconds_sum{{{Cart}}}"], 9);
        Assert.Equal(3, samples[$"wisp_invocation_memory_bytes_bucket{{{Cart},le=\"65536\"}}"]);
        Assert.Equal(1, samples[$"wisp_wake_duration_seconds_count{{{Cart}}}"]);
        Assert.DoesNotContain("wisp_instantiate_duration_seconds_count{app=\"shop\",version=\"3\",component=\"cart\"}", samples.Keys);
        Assert.Equal((3, 1), (samples[$"wisp_invocations_active{{{Cart}}}"], samples[$"wisp_invocations_waiting{{{Cart}}}"]));
        Assert.Equal(17, samples["wisp_log_lines_dropped_total{app=\"shop\"}"]);
        Assert.True(samples["process_resident_memory_bytes"] > 1e6 && samples["process_start_time_seconds"] > 1.7e9);
    }

    [Fact]
    public void RoutesAndTargetsAreNoSeries()
    {
        for (int i = 0; i < 1000; i++)
        {
            Add(new InvocationOrigin("shop", 1, $"/route/{i}", "cart"), 200);
        }

        Assert.Single(_store.Read());
    }

    [Fact]
    public void ThereAreOnlySoManySeries()
    {
        for (int i = 0; i < MetricStore.MaxSeries + 500; i++)
        {
            Add(new InvocationOrigin($"app-{i}", 1, "/", "web"), 200);
        }

        IReadOnlyList<KeyValuePair<SeriesKey, ComponentSeries>> series = _store.Read();
        Assert.Equal(MetricStore.MaxSeries + 1, series.Count);
        Assert.Equal(500, series.Single(pair => pair.Key.App == "(other)").Value.Duration.Count);

        _store.Forget("app-0");
        Add(new InvocationOrigin("late", 1, "/", "web"), 200);
        Assert.DoesNotContain(_store.Read(), pair => pair.Key.App is "app-0" or "late");   // (other) took its place in the count

        _store.Forget("app-1");
        Add(new InvocationOrigin("later", 1, "/", "web"), 200);
        Assert.Contains(_store.Read(), pair => pair.Key.App == "later");
    }

    [Fact]
    public void VersionThatNobodyAsksForGoes()
    {
        Add(new InvocationOrigin("shop", 1, "/", "web"), 200);
        _clock.Set(_clock.GetUtcNow().AddHours(20));
        Add(new InvocationOrigin("shop", 2, "/", "web"), 200);
        Assert.Equal([1, 2], _store.Read().Select(pair => pair.Key.Version));

        _clock.Set(_clock.GetUtcNow().AddHours(20));
        Assert.Equal([2], _store.Read().Select(pair => pair.Key.Version));
    }

    [Fact]
    public void ValuesOfLabelsAreEscaped()
    {
        var text = new PrometheusText();
        text.Family("a_total", "counter", "Of \\ and\nlines.");
        text.Sample("a_total", PrometheusText.Labels(("x", "\"quoted\" \\ and\nlines"), ("y", "")), double.PositiveInfinity);

        string written = Encoding.UTF8.GetString(text.ToBytes());
        Assert.Equal(
            """
            # HELP a_total Of \\ and\nlines.
            # TYPE a_total counter
            a_total{x="\"quoted\" \\ and\nlines",y=""} +Inf

            """, written);
        PrometheusReader.Read(written);
    }

    private void Add(
        InvocationOrigin origin, int status, double milliseconds = 1, string? limit = null, TimeSpan? wake = null, long denied = 0, bool ran = true,
        string? result = null) => _store.Completed(new InvocationRecord
        {
            Number = 1,
            Started = _clock.GetUtcNow(),
            Origin = origin,
            Method = result is null ? "GET" : null,
            Target = "/",
            Status = status,
            Result = result,
            Wall = TimeSpan.FromMilliseconds(milliseconds),
            Limit = limit,
            Figures = ran ? new RunFigures(TimeSpan.FromMicroseconds(3), TimeSpan.FromMilliseconds(2), 65536, wake, null, denied) : default,
        });
}
