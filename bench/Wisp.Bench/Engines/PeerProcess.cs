using System.Diagnostics;

namespace Wisp.Bench.Engines;

/// <summary>A peer in a process of its own that answers each line with a line, so that it takes turns like the others.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    public PeerProcess(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Sends a line and waits for the answer.</summary>
    /// <exception cref="InvalidOperationException">The peer answered with an error.</exception>
    /// <exception cref="PeerEndedException">The peer ended.</exception>
    public string Ask(string request)
    {
        string? answer = null;
        try
        {
            _process.StandardInput.WriteLine(request);
            _process.StandardInput.Flush();
            answer = _process.StandardOutput.ReadLine();
        }
        catch (IOException)
        {
        }

        const string Error = "error ";
        if (answer is null)
        {
            _process.WaitForExit(5000);
            throw new PeerEndedException("the process ended: " + LastLine(_errors.Result));
        }

        return answer.StartsWith(Error, StringComparison.Ordinal) ? throw new InvalidOperationException(answer[Error.Length..]) : answer;
    }

    /// <summary>The first line that a program writes, or null when it is not there or fails: whether and as what a tool is installed.</summary>
    public static string? FirstLineOf(string program, params IEnumerable<string> arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string? line = process.StandardOutput.ReadLine();
            process.WaitForExit();
            return process.ExitCode == 0 ? line : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000))
            {
                _process.Kill();
            }
        }
        catch (IOException)
        {
        }

        _process.Dispose();
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "without a word";
}
