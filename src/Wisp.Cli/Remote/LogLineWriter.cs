using System.Globalization;
using Wisp.Cli.Output;
using Wisp.Host.Logs;

namespace Wisp.Cli.Remote;

// 2026-01-31T12:00:00.001Z v3 #18 stderr: what the program wrote
// 2026-01-31T12:00:00.002Z v3 #18 host: trap: integer divide by zero

/// <summary>Writes lines of a log as they come.</summary>
internal sealed class LogLineWriter(TextWriter output, OutputFormat format)
{
    private readonly bool _hasColors = format == OutputFormat.Table && Terminal.IsOutputSeen && Terminal.HasColors;

    public void Write(LogLine line)
    {
        output.WriteLine(format == OutputFormat.Json ? OutputOption.ToJson(line, LogJson.Default.LogLine) : TextOf(line));
        output.Flush();
    }

    private string TextOf(LogLine line)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{line.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}")
            + (line.Version == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" v{line.Version}"))
            + (line.Invocation is long number ? string.Create(CultureInfo.InvariantCulture, $" #{number}") : "");
        string text = $"{line.Stream}: {Printable(line.Text)}";
        return !_hasColors ? $"{head} {text}" : line.Stream switch
        {
            LogLine.Stderr => $"\e[2m{head}\e[0m \e[31m{text}\e[0m",
            LogLine.Host => $"\e[2m{head}\e[0m \e[33m{text}\e[0m",
            _ => $"\e[2m{head}\e[0m {text}",
        };
    }

    /// <summary>The lines of a backtrace stay lines, each set in.</summary>
    private static string Printable(string text) => string.Join("\n    ", text.Split('\n').Select(TerminalText.Printable));
}
