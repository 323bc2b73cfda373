using System.Diagnostics;

namespace Wisp.Cli.Tests.Servers;

/// <summary>What a person sees: the command runs on a terminal of its own.</summary>
public sealed class TerminalTests
{
    private const string Script = "/usr/bin/script";   // of util-linux: gives a command a terminal

    [Fact]
    public async Task PersonIsAskedAndSeesBarsAndTables()
    {
        if (!File.Exists(Script))
        {
            Assert.Skip($"there is no {Script} on this machine");
        }

        using var folder = new ScratchFolder();
        using var app = new ScratchFolder();
        await using WispServer server = await WispServer.StartAsync(folder);
        AppFolder.Write(app, "hello", "one", "permissions.net = [\"https://api.example.com\"]");

        (int refusedCode, string refused) = await RunAsync(server, "n\n", $"deploy {app.Path}");
        (int code, string deployed) = await RunAsync(server, "y\n", $"deploy {app.Path}");
        (_, string list) = await RunAsync(server, "", "list");
        (_, string colorless) = await RunAsync(server, "", "list", "NO_COLOR=1");
        (_, string dumb) = await RunAsync(server, "", "list", "TERM=dumb");

        Assert.Equal(3, refusedCode);
        Assert.Contains("+ c: permissions.net = [\"https://api.example.com\"]", refused, StringComparison.Ordinal);
        Assert.Contains("accept? [y/N]", refused, StringComparison.Ordinal);
        Assert.Equal(0, code);
        Assert.Contains("\e[32m+ c: permissions.net", deployed, StringComparison.Ordinal);
        Assert.Contains("compile", deployed, StringComparison.Ordinal);
        Assert.Contains("━━━", deployed, StringComparison.Ordinal);
        Assert.Contains("hello v1", deployed, StringComparison.Ordinal);
        Assert.Contains("╭─", list, StringComparison.Ordinal);
        Assert.Contains("\e[96mhello\e[0m", list, StringComparison.Ordinal);
        Assert.Contains("╭─", colorless, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[96m", colorless, StringComparison.Ordinal);
        Assert.Contains("APP    LATEST", dumb, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(WispServer server, string typed, string command, string setting = "TERM=xterm")
    {
        using Process process = server.StartProgram(Script, "-qec", $"env -u NO_COLOR TERM=xterm {setting} {WispProcess.Binary} {command}", "/dev/null");
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(typed);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return (process.ExitCode, await output);
    }
}
