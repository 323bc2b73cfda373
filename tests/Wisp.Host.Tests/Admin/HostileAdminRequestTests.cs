using System.Text;
using Wisp.Host.Admin;

namespace Wisp.Host.Tests.Admin;

/// <summary>Requests to the API that try to get at what they should not, or to cost more than they should.</summary>
public sealed class HostileAdminRequestTests
{
    [Theory]
    [InlineData("GET", "/api/v1/apps/..%2f..%2fetc", 400, "bad-name")]
    [InlineData("GET", "/api/v1/apps/..%2Fshop/versions", 400, "bad-name")]
    [InlineData("GET", "/api/v1/apps/Shop", 400, "bad-name")]
    [InlineData("GET", "/api/v1/apps/shop%0aname", 400, "bad-name")]
    [InlineData("GET", "/api/v1/apps/shop;x", 400, "bad-name")]
    [InlineData("GET", "/api/v1/apps/sh%C3%B6p", 400, "bad-name")]
    [InlineData("GET", "/api/v1/apps/../../api/v1/nothing", 404, "no-such-endpoint")]
    [InlineData("DELETE", "/api/v1/apps", 405, "wrong-method")]
    [InlineData("GET", "/api/v1/audit?limit=0", 400, "bad-query")]
    [InlineData("GET", "/api/v1/audit?limit=99999999999999999999", 400, "bad-query")]
    [InlineData("GET", "/api/v1/audit?limit=1&limit=2", 400, "bad-query")]
    [InlineData("GET", "/api/v1/audit?limit=-1", 400, "bad-query")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/A-B", 400, "bad-name", "{\"value\":\"x\"}")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-value", "{\"value\":\"a\\u0000b\"}")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "{\"value\":null}")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "{\"value\":1}")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "{}")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "null")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "{\"value\":\"a\",\"value\":\"b\"}")]
    [InlineData("PUT", "/api/v1/apps/shop/secrets/key", 400, "bad-json", "{\"value\":\"a\",\"more\":1}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-json", "[[[[[[[[[[[[1]]]]]]]]]]]]")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-json", "{\"1\":50,\"1\":50}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-json", "{\"1\":1e99}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-traffic", "{\"1\":50,\"01\":50}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-traffic", "{\"1\":150,\"2\":-50}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-traffic", "{\"v1\":100}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-traffic", "{\"1\":99}")]
    [InlineData("PUT", "/api/v1/apps/shop/traffic", 400, "bad-traffic", "{}")]
    [InlineData("POST", "/api/v1/apps/shop/rollback", 400, "bad-version", "{\"version\":0}")]
    [InlineData("POST", "/api/v1/apps/shop/rollback", 400, "bad-json", "{\"version\":2147483648}")]
    [InlineData("POST", "/api/v1/tokens", 400, "bad-name", "{\"name\":\"../x\",\"scope\":\"read\"}")]
    [InlineData("POST", "/api/v1/tokens", 400, "bad-scope", "{\"name\":\"x\",\"scope\":\"root\"}")]
    [InlineData("POST", "/api/v1/apps/shop/versions", 400, "digest-missing", "{}")]
    [InlineData("POST", "/api/v1/apps/shop/versions?canary=100", 400, "digest-missing", "{}")]
    public async Task InputThatIsNotWhatItMustBeIsNamed(string method, string path, int status, string code, string? json = null)
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        string body = json ?? string.Empty;
        string answer = await admin.SendRawAsync(
            $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin.TokenOf(AdminScope.Admin)}\r\nConnection: close\r\n"
            + (json is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.Latin1.GetByteCount(body)}\r\n") + $"\r\n{body}");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{code}\"", answer, StringComparison.Ordinal);
        Assert.Empty(admin.Deployments.Changes);
        Assert.Empty(admin.Failures);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha-256=:AAAA:")]
    [InlineData("sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=")]
    [InlineData("sha-512=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")]
    [InlineData("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")]
    [InlineData("sha-256=:")]
    [InlineData("sha-256=:!48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")]
    [InlineData("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")]
    public void DigestThatIsNoneIsNotRead(string header) => Assert.False(ContentDigest.TryRead(header, out _));

    [Fact]
    public void DigestIsFoundAmongOthers()
    {
        // RFC 9530, appendix B.1, with another algorithm in front.
        Assert.True(ContentDigest.TryRead("unixsum=:MA==:, sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", out byte[] digest));
        Assert.Equal("44AFF4AB2D7C3250525675A08F0CFA9591168CFFE51791C5F5BBC417C15A6C38", Convert.ToHexString(digest));
    }

    [Fact]
    public async Task BodyIsBoundedWhetherItSaysItsLengthOrNot()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync(options: new AdminServerOptions { MaxBundleBytes = 100_000 });
        string head = $"Host: localhost\r\nAuthorization: Bearer {admin.TokenOf(AdminScope.Admin)}\r\nConnection: close\r\n";
        string chunk = $"{200_000:x}\r\n{new string('x', 200_000)}\r\n0\r\n\r\n";
        const string Digest = "Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:\r\n";

        string json = await admin.SendRawAsync($"PUT /api/v1/apps/shop/traffic HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n");
        string chunked = await admin.SendRawAsync(
            $"PUT /api/v1/apps/shop/traffic HTTP/1.1\r\n{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
        string bundle = await admin.SendRawAsync($"POST /api/v1/apps/shop/versions HTTP/1.1\r\n{head}{Digest}Content-Length: 9999999999\r\n\r\n");
        string chunkedBundle = await admin.SendRawAsync(
            $"POST /api/v1/apps/shop/versions HTTP/1.1\r\n{head}{Digest}Transfer-Encoding: chunked\r\n\r\n{chunk}");

        Assert.All([json, chunked, bundle, chunkedBundle], answer => Assert.Contains("\"code\":\"too-large\"", answer, StringComparison.Ordinal));
        Assert.Empty(admin.Deployments.Changes);
        Assert.Empty(admin.Failures);
    }

    [Fact]
    public async Task HalfAnUploadIsNoDeploy()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        string answer = await admin.SendRawAsync(
            $"POST /api/v1/apps/shop/versions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin.TokenOf(AdminScope.Admin)}\r\n"
            + "Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:\r\nContent-Length: 1000\r\n\r\nhalf", endsThere: true);

        Assert.DoesNotContain("result", answer, StringComparison.Ordinal);
        Assert.Empty(admin.Deployments.Changes);
        Assert.Equal(200, (await admin.AskAsync("GET", "/api/v1/apps")).Status);
    }

    [Fact]
    public async Task UploadThatNeverEndsIsGivenUp()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync(options: new AdminServerOptions { MaxDeployTime = TimeSpan.FromMilliseconds(100) });
        var held = new HeldBody();
        held.Headers.Add("Content-Digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");

        Task<AdminAnswer> answer = admin.SendAsync("POST", "/api/v1/apps/shop/versions", held, admin.TokenOf(AdminScope.Deploy));
        while ((await admin.AskAsync("GET", "/api/v1/apps")).Status == 200 && !answer.IsCompleted && !admin.Deployments.HasGivenUp)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        held.End();
        Assert.Contains("\"code\":\"too-slow\"", (await answer).Body, StringComparison.Ordinal);
        Assert.Empty(admin.Deployments.Changes);
    }

    [Fact]
    public async Task JsonWithoutItsTypeIsRefused()
    {
        await using RunningAdmin admin = await RunningAdmin.StartAsync();

        AdminAnswer answer = await admin.SendAsync(
            "PUT", "/api/v1/apps/shop/traffic", new StringContent("{\"1\":100}", Encoding.UTF8, "text/plain"), admin.TokenOf(AdminScope.Deploy));

        Assert.Equal((415, "bad-content-type"), (answer.Status, answer.Code));
    }
}
