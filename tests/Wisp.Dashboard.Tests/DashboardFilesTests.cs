using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Wisp.Host.Admin;
using Wisp.Host.Dashboard;
using Wisp.Host.Tests.Admin;

namespace Wisp.Dashboard.Tests;

public sealed partial class DashboardFilesTests
{
    [Fact]
    public void EveryFileThatAnotherNamesIsThere()
    {
        int links = 0;
        foreach (DashboardFile file in DashboardFiles.All)
        {
            foreach (Match link in Link().Matches(Text(file)))
            {
                string target = new Uri(new Uri("http://page" + file.Path), link.Groups[1].Value).AbsolutePath;
                Assert.True(DashboardFiles.Find(target) is not null, $"{file.Path} names {target}, which is not there");
                links++;
            }
        }

        Assert.True(links > 50, $"found {links} links only");
    }

    /// <summary>The policy refuses these in a browser too; here one sees which file it was.</summary>
    [Fact]
    public void NoFileMakesMarkupOfTextOrHasCodeInline()
    {
        foreach (DashboardFile file in DashboardFiles.All)
        {
            Match found = Unsafe().Match(Text(file));
            Assert.False(found.Success, $"{file.Path}: {found.Value}");
            found = Inline().Match(file.Path == "/" ? Text(file) : string.Empty);
            Assert.False(found.Success, $"{file.Path}: {found.Value}");
        }
    }

    [Fact]
    public void NoFileNamesAnotherServer()
    {
        foreach (DashboardFile file in DashboardFiles.All)
        {
            string text = Text(file).Replace("http://www.w3.org/2000/svg", string.Empty, StringComparison.Ordinal);
            Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FilesStaySmall()
    {
        Assert.All(DashboardFiles.All, file => Assert.InRange(file.Bytes.Span.Count((byte)'\n'), 1, 500));
    }

    [Theory]
    [InlineData("/index.html")]
    [InlineData("/assets")]
    [InlineData("/assets/")]
    [InlineData("/assets/Main.js")]
    [InlineData("/assets/../assets/main.js")]
    [InlineData("/assets/%6dain.js")]
    [InlineData("//")]
    [InlineData("")]
    [InlineData(null)]
    public void PathsAreTakenAsTheyAre(string? path) => Assert.Null(DashboardFiles.Find(path));

    [Fact]
    public async Task PageComesWithoutATokenAndWithItsPolicy()
    {
        await using Server server = await Server.StartAsync();
        using HttpResponseMessage page = await server.SendAsync("GET", "/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(DashboardAnswer.ContentSecurityPolicy, policy);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(page.Headers.Contains("Set-Cookie"));

        using HttpResponseMessage script = await server.SendAsync("GET", "/assets/main.js");
        Assert.Equal("text/javascript; charset=utf-8", script.Content.Headers.ContentType!.ToString());
        using HttpResponseMessage api = await server.SendAsync("GET", "/api/v1/apps");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Fact]
    public async Task WhatTheBrowserHasIsNotSentAgain()
    {
        await using Server server = await Server.StartAsync();
        using HttpResponseMessage first = await server.SendAsync("GET", "/assets/main.js");
        string tag = first.Headers.ETag!.Tag;
        Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());
        foreach (string known in (string[])[tag, $"W/{tag}", $"\"other\", {tag}", "*"])
        {
            using HttpResponseMessage again = await server.SendAsync("GET", "/assets/main.js", known);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Equal(tag, again.Headers.ETag!.Tag);
            Assert.Empty(await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        foreach (string other in (string[])["\"other\"", "nonsense", tag.Trim('"')])
        {
            using HttpResponseMessage whole = await server.SendAsync("GET", "/assets/main.js", other);
            Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        }
    }

    [Fact]
    public async Task HeadHasNoBodyAndOtherMethodsAreRefused()
    {
        await using Server server = await Server.StartAsync();
        using HttpResponseMessage head = await server.SendAsync("HEAD", "/");
        Assert.Equal(DashboardFiles.Find("/")!.Bytes.Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using HttpResponseMessage post = await server.SendAsync("POST", "/");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);
    }

    private static string Text(DashboardFile file) => Encoding.UTF8.GetString(file.Bytes.Span);

    [GeneratedRegex(@"(?:from|import|href=|src=|src:|href:)\s*""((?:\.{0,2}/)[^""#]*\.(?:js|css|svg))""")]
    private static partial Regex Link();

    [GeneratedRegex(
        @"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc"
        + @"|\beval\(|new Function|\.cssText|javascript:")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=")]
    private static partial Regex Inline();

    /// <summary>The admin API with no apps, and a client without a token.</summary>
    private sealed class Server(AdminServer server) : IAsyncDisposable
    {
        private readonly HttpClient _client = new() { BaseAddress = new Uri(server.Addresses.Single()) };

        public static async Task<Server> StartAsync()
        {
            var server = new AdminServer(
                new AdminServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
                new AdminServices(new FakeDeployments(), new MemoryTokens(), new MemoryAudit()));
            await server.StartAsync(TestContext.Current.CancellationToken);
            return new Server(server);
        }

        public Task<HttpResponseMessage> SendAsync(string method, string path, string? ifNoneMatch = null)
        {
            var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (ifNoneMatch is not null)
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
            }

            return _client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await server.StopAsync(TestContext.Current.CancellationToken);
            await server.DisposeAsync();
        }
    }
}
