using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Wisp.Cli.Tests.Commands;

public sealed partial class ServeCommandTests
{
    [Fact]
    public async Task ServesUntilItIsTerminated()
    {
        using Process server = WispProcess.Start(null, "serve", "samples/hello/hello.wasm", "--listen", "127.0.0.1:0");
        try
        {
            string? line = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            string address = Address().Match(line ?? string.Empty).Value;
            using var client = new HttpClient();

            string answer = await client.GetStringAsync(new Uri($"{address}/some/path?q=1"), TestContext.Current.CancellationToken);
            Assert.Equal("Hello from WebAssembly!\nYou asked for /some/path with GET.\nThe query is q=1.\n", answer);

            using Process? terminate = Process.Start("kill", ["-TERM", $"{server.Id}"]);
            await server.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(
                TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Equal(0, server.ExitCode);
            string log = await server.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.Contains("GET \"/some/path?q=1\" 200", log, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData(2, "--listen", "serve", "samples/hello/hello.wasm", "--listen", "8080")]
    [InlineData(2, "--max-concurrent", "serve", "samples/hello/hello.wasm", "--max-concurrent", "0")]
    [InlineData(2, "--max-body", "serve", "samples/hello/hello.wasm", "--max-body", "huge")]
    [InlineData(1, "_start", "serve", "samples/add/add.wat", "--listen", "127.0.0.1:0")]
    [InlineData(1, "192.0.2.1", "serve", "samples/hello/hello.wasm", "--listen", "192.0.2.1:80")]
    public void WhatCannotBeServedIsOneLine(int code, string text, params string[] arguments)
    {
        WispResult result = WispProcess.Run(arguments);

        Assert.Equal(code, result.Code);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.AsSpan().Count('\n'));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
