using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Wisp.Cli.Tests.Servers;

/// <summary>A <c>wisp server</c> in a process of its own, on ports of its own, and a user who has logged in to it.</summary>
internal sealed partial class WispServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ScratchFolder _folder;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _isReady = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WispServer(ScratchFolder folder, Process process)
    {
        _folder = folder;
        _process = process;
        process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Asks apps; each by its host name.</summary>
    public HttpClient Apps { get; } = new() { Timeout = Patience };

    public string AdminAddress { get; private set; } = string.Empty;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public string Data => _folder["data"];

    public string Token => File.ReadAllText(Path.Combine(Data, "admin.token")).Trim();

    private Dictionary<string, string?> Environment => new() { ["XDG_CONFIG_HOME"] = _folder["config"], ["WISP_SERVER"] = null, ["WISP_TOKEN"] = null };

    /// <summary>Starts a server.</summary>
    /// <param name="folder">Where its data and its user's configuration are; the same for the next start.</param>
    /// <param name="arguments">More options.</param>
    public static async Task<WispServer> StartAsync(ScratchFolder folder, params string[] arguments)
    {
        var server = new WispServer(folder, WispProcess.Start(
            null, ["server", "--data", folder["data"], "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", .. arguments]));
        await server._isReady.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        server.AdminAddress = AdminUrl().Match(server.Output).Value;
        server.Apps.BaseAddress = new Uri(AppsUrl().Match(server.Output).Value);
        WispResult login = server.Run("login", server.AdminAddress, "--token-file", Path.Combine(server.Data, "admin.token"));
        Assert.True(login.Code == 0, login.Error);
        return server;
    }

    /// <summary>Runs a command as the user who has logged in.</summary>
    public WispResult Run(params string[] arguments) => RunIn(null, string.Empty, arguments);

    /// <summary>Runs a command that must go well.</summary>
    /// <returns>Its output.</returns>
    public string Succeed(params string[] arguments)
    {
        WispResult result = Run(arguments);
        Assert.True(result.Code == 0, $"wisp {string.Join(' ', arguments)}: {result.Error}{result.Output}{Errors}");
        return result.Output;
    }

    public WispResult RunIn(string? folder, string input, params string[] arguments) => WispProcess.RunWith(folder, input, Environment, arguments);

    /// <summary>Starts a command that goes on.</summary>
    public Process Start(params string[] arguments) => WispProcess.StartWith(Environment, arguments);

    /// <summary>Starts another program, which may start commands.</summary>
    public Process StartProgram(string program, params string[] arguments) => WispProcess.StartProgram(program, Environment, arguments);

    /// <summary>Runs a command with another token.</summary>
    public WispResult RunAs(string token, params string[] arguments) => WispProcess.RunWith(
        null, string.Empty, new() { ["XDG_CONFIG_HOME"] = _folder["nobody"], ["WISP_SERVER"] = AdminAddress, ["WISP_TOKEN"] = token }, arguments);

    /// <summary>Asks an app.</summary>
    /// <returns>Status and body.</returns>
    public async Task<(int Status, string Body)> AskAsync(string app, string path = "/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = $"{app}.localhost";
        using HttpResponseMessage response = await Apps.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Ends it as an operator would.</summary>
    public async Task StopAsync()
    {
        using Process? terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(_process.ExitCode == 0, Errors);
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Apps.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.Append(line).Append('\n');
        }

        if (line is null)
        {
            _isReady.TrySetException(new InvalidOperationException($"wisp server ended: {Errors}"));
        }
        else if (line.StartsWith("wisp: to log in", StringComparison.Ordinal))
        {
            _isReady.TrySetResult();
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [GeneratedRegex(@"(?<=dashboard on )http://127\.0\.0\.1:\d+")]
    private static partial Regex AdminUrl();

    [GeneratedRegex(@"(?<=serving on )http://127\.0\.0\.1:\d+")]
    private static partial Regex AppsUrl();
}
