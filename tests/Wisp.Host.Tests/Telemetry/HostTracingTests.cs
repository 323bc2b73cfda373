using System.Collections.Concurrent;
using System.Diagnostics;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tests.Telemetry;

public sealed class HostTracingTests : IDisposable
{
    private const string App = """
        [[trigger.http]]
        route = "/items/:id"
        component = "web"
        [component.web]
        source = "web.wasm"
        """;

    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    // The source is one for the process, in which other tests run: only what belongs to a trace of ours is listened to.
    public HostTracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == HostTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == _trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private string Parent => $"00-{_trace}-00f067aa0ba902b7-01";

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task SpanOfARequestIsAChildOfTheClientsAndParentOfTheProgramsOwn()
    {
        await using RunningApp app = await RunningApp.StartAsync(App, new() { ["web.wasm"] = Programs.Environment });
        string variables = await AskAsync(app, "/items/7?secret=x", Parent);

        Activity span = await SpanAsync();
        Assert.Equal(("GET /items/:id", ActivityKind.Server), (span.DisplayName, span.Kind));
        Assert.Equal((_trace, "00f067aa0ba902b7"), (span.TraceId, span.ParentSpanId.ToHexString()));
        Assert.Contains($"HTTP_TRACEPARENT={span.Id}\0", variables, StringComparison.Ordinal);
        Assert.Equal(
            ["/items/:id", "/items/7", "200", "test", "web", "1"],
            new[] { "http.route", "url.path", "http.response.status_code", "wisp.app", "wisp.component", "wisp.invocation" }
                .Select(name => $"{span.GetTagItem(name)}"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.True(span.Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task FailureIsSaidInTheSpan()
    {
        await using RunningApp app = await RunningApp.StartAsync(App, new() { ["web.wasm"] = Programs.Trap });
        await AskAsync(app, "/items/7", Parent);

        Activity span = await SpanAsync();
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.StartsWith("trap: unreachable", span.StatusDescription, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("rubbish")]
    public async Task WithoutListenerTheProgramGetsWhatTheClientSent(string parent)
    {
        await using RunningApp app = await RunningApp.StartAsync(App, new() { ["web.wasm"] = Programs.Environment });

        Assert.Contains($"HTTP_TRACEPARENT={parent}\0", await AskAsync(app, "/items/7", parent), StringComparison.Ordinal);
        await app.Invocations.RecordAsync(_ => true);
        Assert.Empty(_spans);
    }

    private static async Task<string> AskAsync(RunningApp app, string target, string parent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.TryAddWithoutValidation("traceparent", parent);
        using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private async Task<Activity> SpanAsync()
    {
        Activity? span;
        while (!_spans.TryDequeue(out span))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        return span;
    }
}
