using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.Playwright;
using Wisp.Host.Admin;
using Wisp.Host.Bundles;
using Wisp.Host.Hosting;
using Wisp.Host.Server;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

/// <summary>The page over all of <c>wisp server</c>: real deploys, requests, traps and changes.</summary>
public sealed class WholeServerTests(ChromiumFixture chromium)
{
    /// <summary>Writes a line, then answers or divides by zero.</summary>
    private const string Program = """
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 64) "about to divide\n")
          (data (i32.const 96) "Content-Type: text/plain\n\nok\n")
          (func $write (param $fd i32) (param $at i32) (param $count i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $count))
            (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
          (func $divide (param $by i32) (result i32) (i32.div_u (i32.const 29) (local.get $by)))
          (func (export "_start")
            (call $write (i32.const 2) (i32.const 64) (i32.const 16))
            (call $write (i32.const 1) (i32.const 96) (call $divide (i32.const DIVISOR)))))
        """;

    [Fact]
    public async Task DeployedAppIsWatchedAndRolledBack()
    {
        string folder = Directory.CreateTempSubdirectory("wisp-dashboard").FullName;
        try
        {
            await using AppsServer server = AppsServer.Open(
                new AppsServerOptions
                {
                    DataFolder = Path.Combine(folder, "data"),
                    Engine = new EngineOptions(),
                    Host = new FunctionHostOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
                    Admin = new AdminServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
                },
                TextWriter.Null,
                _ => { });
            await server.StartAsync(TestContext.Current.CancellationToken);
            await WatchAsync(server, folder);
            await server.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task WatchAsync(AppsServer server, string folder)
    {
        using var client = new HttpClient();
        IPage page = await chromium.NewPageAsync();
        await page.GotoAsync(server.AdminAddresses.Single());
        await page.GetByLabel("Access token").FillAsync(server.FirstToken!);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No apps yet" })).ToBeVisibleAsync();

        await DeployAsync(client, server, folder, number: 1);
        await DeployAsync(client, server, folder, number: 2);
        await page.GetByRole(AriaRole.Link, new() { Name = "watched", Exact = true }).ClickAsync();
        await Expect(page.Locator(".app-head .traffic-words")).ToHaveTextAsync("v2 100 %");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "watched.localhost" })).ToBeVisibleAsync();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(client, server, "/good")).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await AskAsync(client, server, "/bad")).StatusCode);
        await page.GetByRole(AriaRole.Link, new() { Name = "Errors" }).ClickAsync();
        await Expect(page.Locator(".failure .reason")).ToHaveTextAsync("trap: integer divide by zero");
        await Expect(page.Locator(".failure .backtrace")).ToContainTextAsync("divide");
        await page.Locator(".failure").GetByRole(AriaRole.Link, new() { Name = "Logs" }).ClickAsync();
        await Expect(page.Locator(".log-line[data-stream=stderr] .log-text")).ToHaveTextAsync("about to divide");
        await Expect(page.Locator(".log-line[data-stream=host]").First).ToContainTextAsync("integer divide by zero");

        Assert.Equal("2", await (await AskAsync(client, server, "/version")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back to v1" }).ClickAsync();
        await Expect(page.Locator(".app-head .traffic-words")).ToHaveTextAsync("v1 100 %");
        Assert.Equal("1", await (await AskAsync(client, server, "/version")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Expect(page.Locator(".audit tbody tr").First).ToContainTextAsync("rollback");
        await page.Context.DisposeAsync();
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, AppsServer server, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, server.Addresses.Single() + path);
        request.Headers.Host = "watched.localhost";
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task DeployAsync(HttpClient client, AppsServer server, string folder, int number)
    {
        string app = Path.Combine(folder, $"app{number}");
        Directory.CreateDirectory(app);
        foreach ((string name, string divisor) in ((string, string)[])[("good.wat", "1"), ("bad.wat", "0")])
        {
            string text = Program.Replace("DIVISOR", divisor, StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(app, name), text, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(
            Path.Combine(app, "wisp.toml"),
            $"""
            [application]
            name = "watched"
            [[trigger.http]]
            route = "/good"
            component = "good"
            [[trigger.http]]
            route = "/bad"
            component = "bad"
            [[trigger.http]]
            route = "/version"
            response.body = "{number}"
            [component.good]
            source = "good.wat"
            [component.bad]
            source = "bad.wat"
            """,
            TestContext.Current.CancellationToken);
        using var bundle = new MemoryStream();
        AppBundle.Of(app).Write(bundle);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.AdminAddresses.Single()}/api/v1/apps/watched/versions");
        request.Content = new ByteArrayContent(bundle.ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/gzip");
        request.Headers.Add("Content-Digest", ContentDigest.Of(SHA256.HashData(bundle.ToArray())));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", server.FirstToken);
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("\"result\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
