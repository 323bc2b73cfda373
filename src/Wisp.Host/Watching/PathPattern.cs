using System.IO.Enumeration;

namespace Wisp.Host.Watching;

// pattern  = segment *( "/" segment )      segment = "**" | text with "*" and "?"
//
// "**" stands for any number of folders, "*" and "?" for characters of one name. A pattern that names a folder means all in it.

/// <summary>Tells which files of a folder a pattern means.</summary>
internal static class PathPattern
{
    private const string AnyFolders = "**";

    /// <summary>Whether a pattern means a file.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="path">Path of the file in the folder, with slashes.</param>
    public static bool Matches(string pattern, string path)
    {
        string[] wanted = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(segment => segment != ".").ToArray();
        return Matches(wanted, path.Split('/'));
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty)
        {
            return true;   // the pattern names the file, or a folder above it
        }

        if (pattern[0] == AnyFolders)
        {
            // Several in a row mean the same as one, and would cost a try for each combination.
            ReadOnlySpan<string> rest = pattern.TrimStart(AnyFolders);
            for (int skipped = 0; skipped < path.Length; skipped++)
            {
                if (Matches(rest, path[skipped..]))
                {
                    return true;
                }
            }

            return false;
        }

        return !path.IsEmpty && FileSystemName.MatchesSimpleExpression(pattern[0], path[0], ignoreCase: false)
            && Matches(pattern[1..], path[1..]);
    }
}
