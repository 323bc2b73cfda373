using System.Net.Http.Headers;
using System.Text.Json;
using Wisp.Host.Admin;
using Wisp.Host.Logs;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Metrics;
using Wisp.Host.Tests.Telemetry.Metrics;
using Wisp.Permissions;

namespace Wisp.Host.Tests.Admin;

public sealed class TelemetryEndpointTests : IDisposable
{
    private static readonly InvocationOrigin Origin = new("shop", 2, "/cart/...", "cart");

    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-").FullName;
    private readonly HostTelemetry _telemetry;

    public TelemetryEndpointTests() => _telemetry = new HostTelemetry(_folder);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _telemetry.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task LiveFiguresAreRead()
    {
        await using RunningAdmin admin = await StartAsync();
        Complete(1, 200);
        Complete(2, 500);

        AdminAnswer answer = await admin.AskAsync("GET", "/api/v1/live", scope: AdminScope.Read);
        JsonElement live = JsonDocument.Parse(answer.Body).RootElement;
        JsonElement shop = live.GetProperty("apps")[0];
        Assert.Equal((200, "shop", 2), (answer.Status, shop.GetProperty("app").GetString(), shop.GetProperty("requests").GetInt32()));
        Assert.Equal((1, 2), (shop.GetProperty("errors").GetInt32(), live.GetProperty("total").GetProperty("requests").GetInt32()));
        Assert.Equal(2, shop.GetProperty("versions")[0].GetProperty("version").GetInt32());
        Assert.InRange(shop.GetProperty("p99Ms").GetDouble(), 3, 4);
        Assert.True(shop.TryGetProperty("requestsPerSecond", out _) && shop.TryGetProperty("coldStarts", out _));
    }

    [Fact]
    public async Task InvocationsAreReadWithWhatIsWrongWithThem()
    {
        await using RunningAdmin admin = await StartAsync();
        Complete(1, 200);
        Complete(2, 500, "trap: unreachable\n  at main");

        JsonElement all = await ReadAsync(admin, "/api/v1/apps/shop/invocations");
        Assert.Equal([2, 1], all.EnumerateArray().Select(record => record.GetProperty("number").GetInt32()));
        JsonElement failed = Assert.Single((await ReadAsync(admin, "/api/v1/apps/shop/invocations?failed=true&limit=5")).EnumerateArray());
        Assert.Equal(
            """
            {"number":2,"started":"1970-01-01T00:00:00+00:00","version":2,"component":"cart","trigger":"http","route":"/cart/...","method":"GET","target":"/cart/7","status":500,"failed":true,"wallMs":3,"cpuMs":2,"instantiateMs":1,"memoryBytes":65536,"failure":"trap: unreachable\n  at main","deniedCount":1,"denied":[{"action":"open \u0022/data/x\u0022 for writing","askedBy":"cart, path_open","granted":"--dir d::/data:ro","toAllow":"--dir d::/data","toAllowToml":"permissions.fs = [\u0022d\u0022]"}]}
            """, failed.GetRawText());
        Assert.Equal((404, "no-such-app"), await FaultAsync(admin, "/api/v1/apps/nothing/invocations"));
        Assert.Equal((400, "bad-query"), await FaultAsync(admin, "/api/v1/apps/shop/invocations?limit=0"));
    }

    [Fact]
    public async Task MetricsAreThoseOfPrometheus()
    {
        await using RunningAdmin admin = await StartAsync();
        Complete(1, 500);
        _telemetry.Observe(() => [new ComponentGauge("shop", 2, "cart", 3, 1)]);

        AdminAnswer answer = await admin.AskAsync("GET", "/metrics", scope: AdminScope.Read);
        Dictionary<string, double> samples = PrometheusReader.Read(answer.Body).Samples;
        Assert.Equal(1, samples["wisp_invocations_total{app=\"shop\",version=\"2\",component=\"cart\",status=\"5xx\"}"]);
        Assert.Equal(3, samples["wisp_invocations_active{app=\"shop\",version=\"2\",component=\"cart\"}"]);
    }

    [Fact]
    public async Task LogIsReadAsLinesOfJson()
    {
        await using RunningAdmin admin = await StartAsync();
        for (int number = 1; number <= 3; number++)
        {
            _telemetry.Sink.GuestLine(new InvocationId(Origin, number), LogLine.Stderr, "hello"u8);
        }

        string[] lines = (await admin.AskAsync("GET", "/api/v1/apps/shop/logs?tail=2", scope: AdminScope.Read)).Body.TrimEnd().Split('\n');
        Assert.Equal([2, 3], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("invocation").GetInt32()));
        Assert.EndsWith("\"version\":2,\"component\":\"cart\",\"invocation\":3,\"stream\":\"stderr\",\"text\":\"hello\"}", lines[1], StringComparison.Ordinal);
        Assert.Single((await admin.AskAsync("GET", "/api/v1/apps/shop/logs?invocation=1")).Body.TrimEnd().Split('\n'));
        Assert.Equal(3, (await admin.AskAsync("GET", "/api/v1/apps/shop/logs?since=1h")).Body.AsSpan().Count('\n'));
        Assert.Empty((await admin.AskAsync("GET", "/api/v1/apps/shop/logs?since=2999-01-01T00:00:00Z")).Body);
        Assert.Equal((404, "no-such-app"), await FaultAsync(admin, "/api/v1/apps/nothing/logs"));
    }

    [Theory]
    [InlineData("tail=10001")]
    [InlineData("tail=-1")]
    [InlineData("invocation=x")]
    [InlineData("since=yesterday")]
    [InlineData("since=")]
    [InlineData("since=4294967295d")]
    [InlineData("follow=maybe")]
    public async Task QueryThatMakesNoSenseIsRefused(string query)
    {
        await using RunningAdmin admin = await StartAsync();
        Assert.Equal((400, "bad-query"), await FaultAsync(admin, "/api/v1/apps/shop/logs?" + query));
    }

    [Fact]
    public async Task FollowerSeesLinesAsTheyComeAndEndsWithTheServer()
    {
        RunningAdmin admin = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/apps/shop/logs?follow=true&tail=0");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", admin.TokenOf(AdminScope.Read));
        using HttpResponseMessage response = await admin.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        for (int number = 1; number <= 5; number++)
        {
            _telemetry.Sink.Note(new InvocationId(Origin, number), $"note {number}");
            Assert.Contains($"note {number}", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
        }

        await admin.DisposeAsync();
        Assert.Null(await EndAsync(reader));

        static async Task<string?> EndAsync(StreamReader reader)
        {
            try
            {
                return await reader.ReadLineAsync(Stop);
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
            {
                return null;
            }
        }
    }

    private static async Task<JsonElement> ReadAsync(RunningAdmin admin, string path) =>
        JsonDocument.Parse((await admin.AskAsync("GET", path, scope: AdminScope.Read)).Body).RootElement;

    private static async Task<(int Status, string Code)> FaultAsync(RunningAdmin admin, string path)
    {
        AdminAnswer answer = await admin.AskAsync("GET", path);
        return (answer.Status, answer.Code);
    }

    private Task<RunningAdmin> StartAsync() => RunningAdmin.StartAsync(telemetry: _telemetry);

    private void Complete(long number, int status, string? failure = null) => _telemetry.Sink.Completed(new InvocationRecord
    {
        Number = number,
        Started = DateTimeOffset.UnixEpoch,
        Origin = Origin,
        Method = "GET",
        Target = "/cart/7",
        Status = status,
        Wall = TimeSpan.FromMilliseconds(3),
        Failure = failure,
        Figures = new RunFigures(
            TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), 65536, null,
            failure is null ? null : [new Denial(DenialCode.ReadOnlyDirectory, "open \"/data/x\" for writing", "cart, path_open", "--dir d::/data:ro", "--dir d::/data", "permissions.fs = [\"d\"]")],
            failure is null ? 0 : 1),
    });
}
