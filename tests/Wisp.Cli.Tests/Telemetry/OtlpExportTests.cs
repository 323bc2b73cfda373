namespace Wisp.Cli.Tests.Telemetry;

public sealed class OtlpExportTests : IDisposable
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly OtlpReceiver _receiver = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-").FullName;

    public OtlpExportTests()
    {
        // Writes to its standard error and ends with code 3.
        File.WriteAllText(Path.Combine(_folder, "fail.wat"), """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "\10\00\00\00\0b\00\00\00")
              (data (i32.const 16) "went wrong\0a")
              (func (export "_start")
                (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $proc_exit (i32.const 3))))
            """);
        File.WriteAllText(Path.Combine(_folder, "wisp.toml"), """
            [application]
            name = "exported"
            [[trigger.http]]
            route = "/fail/..."
            component = "fail"
            [component.fail]
            source = "fail.wat"
            """);
    }

    public void Dispose()
    {
        _receiver.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task TracesMetricsAndLogsReachTheCollector()
    {
        await using (Up up = await StartAsync())
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/fail/now?secret=x");
            request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
            await up.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await up.WaitForAsync(" 500 ");
            await up.StopAsync();
            Assert.Empty(up.Errors.Trim());
        }

        // ResourceSpans, ScopeSpans, Span: https://github.com/open-telemetry/opentelemetry-proto
        ProtobufMessage span = Assert.Single(_receiver.At("/v1/traces", 1, 2, 2));
        Assert.Equal((TraceId, "00f067aa0ba902b7", "GET /fail/..."), (Only(span, 1).Hex, Only(span, 4).Hex, Only(span, 5).Text));
        Dictionary<string, string> tags = span.Attributes(9);
        Assert.Equal(
            ("exported", "fail", "500", "/fail/now", "1"),
            (tags["wisp.app"], tags["wisp.component"], tags["http.response.status_code"], tags["url.path"], tags["wisp.invocation"]));
        Assert.Equal(("exit code 3", 2), (span.At(15, 2).Single().Text, span.At(15, 3).Single().Number()));
        Assert.Equal("shop-test", _receiver.At("/v1/traces", 1, 1)[0].Attributes(1)["service.name"]);

        ProtobufMessage[] metrics = [.. _receiver.At("/v1/metrics", 1, 2, 2)];
        Assert.Superset(
            new HashSet<string>
            {
                "wisp.invocations", "wisp.invocation.duration", "wisp.invocation.cpu_time", "wisp.instantiate.duration", "wisp.invocation.memory",
                "wisp.invocations.active",
            },
            metrics.Select(metric => Only(metric, 1).Text).ToHashSet());
        ProtobufMessage count = metrics.Last(metric => Only(metric, 1).Text == "wisp.invocations").At(7, 1).Single();
        Assert.Equal("5xx", count.Attributes(7)["wisp.status"]);

        ProtobufMessage[] logs = [.. _receiver.At("/v1/logs", 1, 2, 2)];
        Assert.Equal(["exit code 3", "went wrong"], logs.Select(log => log.At(5, 1).Single().Text).Order());
        Assert.All(logs, log => Assert.Equal(("exported", "1"), (log.Attributes(6)["wisp.app"], log.Attributes(6)["wisp.invocation"])));
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public async Task NothingIsSentUnlessItIsAskedFor(string name, string value)
    {
        await using (Up up = await StartAsync((name, value)))
        {
            await up.Client.GetAsync("/fail/now", TestContext.Current.CancellationToken);
            await up.StopAsync();
        }

        Assert.Empty(_receiver.Requests);
    }

    private static ProtobufMessage Only(ProtobufMessage message, int field) => Assert.Single(message.At(field));

    private Task<Up> StartAsync(params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _receiver.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "shop-test",
        };
        foreach ((string name, string value) in more)
        {
            variables[name] = value;
        }

        return Up.StartWithAsync(variables, _folder);
    }
}
