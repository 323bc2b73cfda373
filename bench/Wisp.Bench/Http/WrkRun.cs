using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Wisp.Bench.Http;

/// <summary>What wrk saw in one run.</summary>
/// <param name="PerSecond">Requests answered a second.</param>
/// <param name="Median">Milliseconds within which half of them were answered.</param>
/// <param name="Slowest">Milliseconds within which 99 % of them were.</param>
/// <param name="Errors">Answers other than 2xx and 3xx, and connections that failed.</param>
internal sealed partial record WrkRun(double PerSecond, double Median, double Slowest, long Errors)
{
    /// <summary>Loads a server for a time.</summary>
    public static WrkRun Of(Uri address, int connections, double seconds)
    {
        string duration = Math.Max(1, Math.Round(seconds)).ToString(CultureInfo.InvariantCulture) + "s";
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{duration}", "--latency", address.ToString()])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"wrk failed: {text}");
        }

        return Parse(text);
    }

    //     50%    1.02ms
    //     99%    2.30ms
    //   Socket errors: connect 0, read 0, write 0, timeout 0
    //   Non-2xx or 3xx responses: 12
    // Requests/sec:  30123.45
    private static WrkRun Parse(string text) => new(
        double.Parse(RateLine().Match(text).Groups[1].Value, CultureInfo.InvariantCulture),
        Milliseconds(text, "50%"),
        Milliseconds(text, "99%"),
        ErrorLines().Matches(text).Sum(match => match.Groups[1].Captures.Sum(number => long.Parse(number.Value, CultureInfo.InvariantCulture))));

    private static double Milliseconds(string text, string share)
    {
        Match match = Regex.Match(text, $@"^\s+{share}\s+([0-9.]+)(us|ms|s|m)\s*$", RegexOptions.Multiline);
        double number = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "us" => number / 1000,
            "ms" => number,
            "s" => number * 1000,
            _ => number * 60_000,
        };
    }

    [GeneratedRegex(@"^Requests/sec:\s+([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex RateLine();

    [GeneratedRegex(@"^\s+(?:Socket errors:(?:\D+(\d+))+|Non-2xx or 3xx responses:\s+(?<1>\d+))\s*$", RegexOptions.Multiline)]
    private static partial Regex ErrorLines();
}
