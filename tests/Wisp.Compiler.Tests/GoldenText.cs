using System.Runtime.CompilerServices;

namespace Wisp.Compiler.Tests;

/// <summary>
/// Compares text with the literal behind "into:" of a test, one to a test method. WISP_ACCEPT=1 writes the new text into the source
/// file instead, to be reviewed like code.
/// </summary>
internal static class GoldenText
{
    private static readonly Lock Files = new();

    public static void Check(
        string expected, string actual, [CallerFilePath] string file = "", [CallerMemberName] string test = "")
    {
        string want = Normalize(expected);
        string have = Normalize(actual);
        if (want != have && Environment.GetEnvironmentVariable("WISP_ACCEPT") == "1")
        {
            lock (Files)
            {
                Accept(have, file, test);
            }

            return;
        }

        Assert.Equal(want, have);
    }

    private static void Accept(string text, string file, string test)
    {
        List<string> lines = [.. File.ReadAllLines(file)];
        int method = lines.FindIndex(line => line.Contains($" {test}(", StringComparison.Ordinal));
        int open = lines.FindIndex(method, line => line.EndsWith("into: \"\"\"", StringComparison.Ordinal));
        int close = lines.FindIndex(open + 1, line => line.TrimStart().StartsWith("\"\"\"", StringComparison.Ordinal));
        string indent = lines[close][..(lines[close].Length - lines[close].TrimStart().Length)];
        lines.RemoveRange(open + 1, close - open - 1);
        lines.InsertRange(open + 1, text.Split('\n').Select(line => line.Length == 0 ? "" : indent + line));
        File.WriteAllLines(file, lines);
    }

    private static string Normalize(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
}
