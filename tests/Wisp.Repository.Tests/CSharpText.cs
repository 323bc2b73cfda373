using System.Text;

namespace Wisp.Repository.Tests;

/// <summary>Takes comments and literals out of C# source, so that a scan for a keyword sees code alone.</summary>
internal static class CSharpText
{
    public static string CodeOnly(string source)
    {
        var code = new StringBuilder(source.Length);
        int at = 0;
        while (at < source.Length)
        {
            int end = LiteralOrCommentEnd(source, at);
            if (end > at)
            {
                // Line numbers stay right.
                code.Append('\n', source.AsSpan(at, end - at).Count('\n'));
                at = end;
            }
            else
            {
                code.Append(source[at++]);
            }
        }

        return code.ToString();
    }

    /// <summary>Where the comment or literal that starts here ends, or the start itself when none does.</summary>
    private static int LiteralOrCommentEnd(string source, int at)
    {
        ReadOnlySpan<char> rest = source.AsSpan(at);
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            return EndAfter(source, at, "\n");
        }

        if (rest.StartsWith("/*", StringComparison.Ordinal))
        {
            return EndAfter(source, at + 2, "*/");
        }

        if (rest.StartsWith("\"\"\"", StringComparison.Ordinal))
        {
            int quotes = rest.IndexOfAnyExcept('"') is var count and >= 0 ? count : rest.Length;
            return EndAfter(source, at + quotes, new string('"', quotes));
        }

        if (rest.StartsWith("@\"", StringComparison.Ordinal))
        {
            return QuotedEnd(source, at + 2, '"', isVerbatim: true);
        }

        return rest[0] is '"' or '\'' ? QuotedEnd(source, at + 1, rest[0], isVerbatim: false) : at;
    }

    private static int EndAfter(string source, int from, string terminator)
    {
        int end = source.IndexOf(terminator, from, StringComparison.Ordinal);
        return end < 0 ? source.Length : end + terminator.Length;
    }

    private static int QuotedEnd(string source, int at, char quote, bool isVerbatim)
    {
        while (at < source.Length)
        {
            char next = source[at++];
            if (next == quote)
            {
                if (!isVerbatim || at >= source.Length || source[at] != quote)
                {
                    return at;
                }

                at++;
            }
            else if (next == '\\' && !isVerbatim)
            {
                at++;
            }
        }

        return source.Length;
    }
}
