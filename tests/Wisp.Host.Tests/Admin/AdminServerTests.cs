using System.Security.Cryptography;
using System.Text;
using Wisp.Host.Admin;
using Wisp.Host.Deployments;
using Wisp.Host.Telemetry;
using Wisp.Host.Tests.Tls;

namespace Wisp.Host.Tests.Admin;

public sealed class AdminServerTests
{
    private const string Json = "application/json";

    [Fact]
    public async Task EveryEndpointTakesItsScopeAndThoseAboveAlone()
    {
        using var telemetry = new HostTelemetry("/nowhere");
        await using RunningAdmin admin = await RunningAdmin.StartAsync(telemetry: telemetry);
        IReadOnlyList<AdminEndpoint> endpoints = AdminEndpoints.List(
            new AdminServerOptions(), new AdminServices(admin.Deployments, admin.Tokens, admin.Audit) { Telemetry = telemetry }, CancellationToken.None);

        foreach (AdminEndpoint endpoint in endpoints)
        {
            string path = endpoint.Path.Replace(":app", "shop", StringComparison.Ordinal).Replace(":name", "nothing", StringComparison.Ordinal);
            AdminAnswer unknown = await admin.SendAsync(endpoint.Method, path, Empty(endpoint), token: null);
            Assert.Equal((401, "token-missing"), (unknown.Status, unknown.Code));
            foreach (AdminScope scope in Enum.GetValues<AdminScope>().Where(scope => scope < endpoint.Scope))
            {
                AdminAnswer refused = await admin.SendAsync(endpoint.Method, path, Empty(endpoint), admin.TokenOf(scope));
                Assert.Equal((403, "scope-missing"), (refused.Status, refused.Code));
                Assert.Contains($"scope=\"{AdminScopes.NameOf(endpoint.Scope)}\"", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            }
        }

        Assert.Empty(admin.Deployments.Changes);

        // What each scope lets through gets past the door, whatever the endpoint then says about an empty body.
        foreach (AdminEndpoint endpoint in endpoints.Where(endpoint => endpoint.Method != "DELETE"))
        {
            string path = endpoint.Path.Replace(":app", "shop", StringComparison.Ordinal).Replace(":name", "nothing", StringComparison.Ordinal);
            foreach (AdminScope scope in Enum.GetValues<AdminScope>().Where(scope => scope >= endpoint.Scope))
            {
                AdminAnswer answer = await admin.SendAsync(endpoint.Method, path, Empty(endpoint), admin.TokenOf(scope));
                Assert.True(answer.Status is 200 or 400, $"{endpoint.Method} {path} with {scope}: {answer.Status} {answer.Body}");
            }
        }

        static StringContent? Empty(AdminEndpoint endpoint) => endpoint.Method is "GET" or "DELETE" ? null : new StringContent("", Encoding.UTF8, Json);
    }

    /// <summary>A new endpoint must be put into this table with care.</summary>
    [Fact]
    public void ScopesAreThese()
    {
        using var telemetry = new HostTelemetry("/nowhere");
        IEnumerable<string> lines = AdminEndpoints.List(
                new AdminServerOptions(), new AdminServices(new FakeDeployments(), new MemoryTokens(), new MemoryAudit()) { Telemetry = telemetry },
                CancellationToken.None)
            .Select(endpoint => $"{AdminScopes.NameOf(endpoint.Scope)} {endpoint.Method} {endpoint.Path.Replace("/api/v1", "", StringComparison.Ordinal)}");

        Assert.Equal(
            [
                "read GET /metrics",
                "read GET /live",
                "read GET /apps/:app/invocations",
                "read GET /apps/:app/logs",
                "read GET /status",
                "read GET /apps",
                "read GET /apps/:app",
                "admin DELETE /apps/:app",
                "read GET /apps/:app/versions",
                "deploy POST /apps/:app/versions",
                "deploy PUT /apps/:app/traffic",
                "deploy POST /apps/:app/rollback",
                "read GET /apps/:app/secrets",
                "admin PUT /apps/:app/secrets/:name",
                "admin DELETE /apps/:app/secrets/:name",
                "admin GET /tokens",
                "admin POST /tokens",
                "admin DELETE /tokens/:name",
                "admin GET /audit",
            ],
            lines);
    }

    [Fact]
    public async Task AppsAndVersionsAreShown()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();
        admin.Deployments.Manifest = """
            [variables]
            key = { secret = true, required = true }
            [[trigger.http]]
            route = "/items/:id"
            methods = ["GET"]
            component = "shop"
            [[trigger.http]]
            route = "/old"
            response.status = 410
            [component.shop]
            source = "shop.wasm"
            permissions.net = ["https://api.example.com"]
            limits = { memory = "16MiB", wall = "2s" }
            """;

        AdminAnswer list = await admin.AskAsync("GET", "/api/v1/apps", scope: AdminScope.Read);
        AdminAnswer one = await admin.AskAsync("GET", "/api/v1/apps/shop", scope: AdminScope.Read);
        AdminAnswer versions = await admin.AskAsync("GET", "/api/v1/apps/shop/versions", scope: AdminScope.Read);
        AdminAnswer none = await admin.AskAsync("GET", "/api/v1/apps/none", scope: AdminScope.Read);

        Assert.Equal([], admin.Failures);
        Assert.Equal(
            """[{"name":"shop","latest":2,"createdAt":"1970-01-01T00:00:00+00:00","traffic":[{"version":2,"weight":100}],"hosts":["shop.localhost"]}]""", list.Body);
        Assert.Contains(
            """
            "version":2,"routes":[{"route":"/items/:id","methods":["GET"],"component":"shop"},{"route":"/old","methods":[],"status":410}]
            """.Trim(), one.Body, StringComparison.Ordinal);
        Assert.Contains(
            """
            "permissions":["permissions.net = [\u0022https://api.example.com\u0022]"],"limits":{"memory":"16MiB","wall":"2s"}
            """,
            one.Body, StringComparison.Ordinal);
        Assert.Contains("""{"name":"key","required":true,"secret":true}""", one.Body, StringComparison.Ordinal);
        Assert.StartsWith("""[{"version":2,"label":"2.0",""", versions.Body, StringComparison.Ordinal);
        Assert.EndsWith(""","by":"somebody","weight":0}]""", versions.Body, StringComparison.Ordinal);
        Assert.Equal((404, "no-such-app"), (none.Status, none.Code));
    }

    [Fact]
    public async Task DeployStreamsItsStepsAndItsResult()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer answer = await DeployAsync(admin, "?canary=10");

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            """
            {"step":"upload","done":6,"total":6}
            {"step":"verify","done":1,"total":1}
            {"result":{"app":"shop","version":3,"traffic":[{"version":2,"weight":90},{"version":3,"weight":10}],"urls":["http://shop.localhost:8080/"]}}

            """, answer.Body);
        Assert.Equal(["deploy shop 6 canary=10 by deploy"], admin.Deployments.Changes);
    }

    [Fact]
    public async Task RefusedDeployEndsWithItsReason()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();
        admin.Deployments.Refusal = new DeployException("permissions-not-accepted", "it asks for more")
        {
            Permissions = new PermissionDifference(["shop: permissions.net = [\"a:1\"]"], []),
        };

        AdminAnswer refused = await DeployAsync(admin, "");
        AdminAnswer accepted = await DeployAsync(admin, "?accept-permissions=true");
        AdminAnswer wrong = await DeployAsync(admin, "", digestOf: "other");

        Assert.EndsWith(
            """
            {"error":{"code":"permissions-not-accepted","message":"it asks for more","permissions":{"added":["shop: permissions.net = [\u0022a:1\u0022]"],"removed":[]}}}

            """, refused.Body, StringComparison.Ordinal);
        Assert.Contains("\"result\"", accepted.Body, StringComparison.Ordinal);
        Assert.Contains("digest-mismatch", wrong.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrafficAndRollbackAnswerWithWhatIsNow()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer traffic = await admin.AskAsync("PUT", "/api/v1/apps/shop/traffic", """{"1":90,"2":10}""", AdminScope.Deploy);
        AdminAnswer back = await admin.AskAsync("POST", "/api/v1/apps/shop/rollback", scope: AdminScope.Deploy);
        AdminAnswer named = await admin.AskAsync("POST", "/api/v1/apps/shop/rollback", """{"version":2}""", AdminScope.Deploy);
        AdminAnswer never = await admin.AskAsync("POST", "/api/v1/apps/shop/rollback", """{"version":9}""", AdminScope.Deploy);

        Assert.Contains("""[{"version":1,"weight":90},{"version":2,"weight":10}]""", traffic.Body, StringComparison.Ordinal);
        Assert.Contains("""[{"version":1,"weight":100}]""", back.Body, StringComparison.Ordinal);
        Assert.Contains("""[{"version":2,"weight":100}]""", named.Body, StringComparison.Ordinal);
        Assert.Equal((404, "no-such-version"), (never.Status, never.Code));
        Assert.Equal(
            ["traffic shop v1=90 v2=10 by deploy", "rollback shop v1 by deploy", "rollback shop v2 by deploy"], admin.Deployments.Changes);
    }

    [Fact]
    public async Task SecretsComeInAndDoNotGoOut()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer set = await admin.AskAsync("PUT", "/api/v1/apps/shop/secrets/api_key", """{"value":"hunter2"}""");
        AdminAnswer list = await admin.AskAsync("GET", "/api/v1/apps/shop/secrets", scope: AdminScope.Read);
        AdminAnswer removed = await admin.AskAsync("DELETE", "/api/v1/apps/shop/secrets/api_key");
        AdminAnswer again = await admin.AskAsync("DELETE", "/api/v1/apps/shop/secrets/api_key");

        Assert.Equal(204, set.Status);
        Assert.Equal("""[{"name":"api_key","changedAt":"1970-01-01T00:00:00+00:00"}]""", list.Body);
        Assert.Equal(204, removed.Status);
        Assert.Equal((404, "no-such-secret"), (again.Status, again.Code));
    }

    [Fact]
    public async Task TokensAreMadeShownOnceAndTakenAway()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer made = await admin.AskAsync("POST", "/api/v1/tokens", """{"name":"ci","scope":"deploy"}""");
        string text = System.Text.Json.JsonDocument.Parse(made.Body).RootElement.GetProperty("token").GetString()!;
        AdminAnswer list = await admin.AskAsync("GET", "/api/v1/tokens");
        AdminAnswer used = await admin.SendAsync("GET", "/api/v1/apps", null, text);
        AdminAnswer twice = await admin.AskAsync("POST", "/api/v1/tokens", """{"name":"ci","scope":"read"}""");
        AdminAnswer removed = await admin.AskAsync("DELETE", "/api/v1/tokens/ci");
        AdminAnswer late = await admin.SendAsync("GET", "/api/v1/apps", null, text);
        AdminAnswer last = await admin.AskAsync("DELETE", "/api/v1/tokens/admin");

        Assert.Equal(201, made.Status);
        Assert.True(TokenText.IsWellFormed(text), text);
        Assert.Contains("""{"name":"ci","scope":"deploy",""", list.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(text, list.Body, StringComparison.Ordinal);
        Assert.Equal(200, used.Status);
        Assert.Equal((409, "name-taken"), (twice.Status, twice.Code));
        Assert.Equal(204, removed.Status);
        Assert.Equal((401, "token-wrong"), (late.Status, late.Code));
        Assert.Equal((409, "last-token"), (last.Status, last.Code));
    }

    [Fact]
    public async Task AnswersTellABrowserToKeepAndRunNothing()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer answer = await admin.SendAsync(
            "GET", "/api/v1/apps", null, admin.TokenOf(AdminScope.Read), headers => headers.Add("Origin", "https://evil.example"));

        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("localhost:8081", 200)]
    [InlineData("wisp.localhost", 200)]
    [InlineData("127.0.0.1:1", 200)]
    [InlineData("[::1]:8081", 200)]
    [InlineData("evil.example", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("10.0.0.1", 421)]
    public async Task LoopbackAddressAnswersToItsOwnNamesAlone(string host, int status)
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer answer = await admin.SendAsync("GET", "/api/v1/apps", null, admin.TokenOf(AdminScope.Read), headers => headers.Host = host);

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task WrongTokensAreLimitedAndOnRecord()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();
        for (int i = 0; i < FailureLimiter.PerAddress; i++)
        {
            AdminAnswer wrong = await admin.SendAsync("GET", "/api/v1/apps", null, TokenText.Create());
            Assert.Equal((401, "token-wrong"), (wrong.Status, wrong.Code));
        }

        AdminAnswer limited = await admin.SendAsync("GET", "/api/v1/apps", null, admin.TokenOf(AdminScope.Admin));
        admin.Clock.Set(admin.Clock.GetUtcNow() + limited.Headers.RetryAfter!.Delta!.Value);
        AdminAnswer later = await admin.SendAsync("GET", "/api/v1/apps", null, admin.TokenOf(AdminScope.Admin));

        Assert.Equal((429, "too-many-failures"), (limited.Status, limited.Code));
        Assert.Equal(200, later.Status);
        Assert.Equal(2, admin.Audit.Entries.Count(entry => entry.Action == "token.refused"));   // the first, and the one that shut it out
    }

    [Fact]
    public async Task AnswersByTls()
    {
        using var certificate = new CertificateFiles();
        await using RunningAdmin admin = await RunningAdmin.StartAsync(options: new AdminServerOptions { Tls = certificate.Files });

        AdminAnswer answer = await admin.AskAsync("GET", "/api/v1/apps");

        Assert.Equal("https", admin.Client.BaseAddress!.Scheme);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task AuditIsReadFromItsNewestLineBack()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();
        for (int i = 1; i <= 5; i++)
        {
            admin.Audit.Add(new AuditEntry(0, DateTimeOffset.UnixEpoch, "ci", "deploy", "shop", $"v{i}"));
        }

        AdminAnswer two = await admin.AskAsync("GET", "/api/v1/audit?limit=2");
        AdminAnswer older = await admin.AskAsync("GET", "/api/v1/audit?limit=1&before=4");

        Assert.StartsWith("""[{"number":5,"time":"1970-01-01T00:00:00+00:00","by":"ci","action":"deploy","app":"shop","detail":"v5"},{"number":4,""",
            two.Body, StringComparison.Ordinal);
        Assert.StartsWith("""[{"number":3,""", older.Body, StringComparison.Ordinal);
    }

    private static Task<AdminAnswer> DeployAsync(RunningAdmin admin, string query, string digestOf = "bundle")
    {
        var content = new ByteArrayContent("bundle"u8.ToArray());
        content.Headers.Add("Content-Digest", ContentDigest.Of(SHA256.HashData(Encoding.UTF8.GetBytes(digestOf))));
        return admin.SendAsync("POST", $"/api/v1/apps/shop/versions{query}", content, admin.TokenOf(AdminScope.Deploy));
    }
}
