using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Wisp.Cli.Tests;

/// <summary>A <c>wisp up</c> in a process of its own, on a port of its own.</summary>
internal sealed partial class Up : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Up(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Client { get; private set; } = null!;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public static Task<Up> StartAsync(params string[] arguments) => StartWithAsync([], arguments);

    /// <summary>Starts it with more variables in its environment.</summary>
    public static async Task<Up> StartWithAsync(Dictionary<string, string?> variables, params string[] arguments)
    {
        var up = new Up(WispProcess.StartWith(variables, ["up", .. arguments, "--listen", "127.0.0.1:0"]));
        string address = await up._address.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        up.Client = new HttpClient { BaseAddress = new Uri(address) };
        return up;
    }

    /// <summary>Waits until its output says something.</summary>
    public async Task WaitForAsync(string text)
    {
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, Errors);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends it as an operator would.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> StopAsync()
    {
        using Process? terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(
            TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(0, _process.ExitCode);
        return Output;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
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
            _address.TrySetException(new InvalidOperationException($"wisp up ended: {Errors}"));
        }
        else if (Address().Match(line) is { Success: true } address)
        {
            _address.TrySetResult(address.Value);
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [GeneratedRegex(@"(?<=serving on )http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
