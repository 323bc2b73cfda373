using System.Globalization;
using Wisp.Permissions;

namespace Wisp.Cli.Remote;

// [APP] WORD...     An app may be called v3: where an app is named first, all that follows are words, and a single word that could be either
//                   is a version when the folder has an app, else an app.

/// <summary>Arguments of commands that take an app, which the folder may stand for, and versions.</summary>
internal static class AppWords
{
    /// <summary>Reads a version such as <c>v3</c>.</summary>
    public static bool TryVersion(string text, out int version)
    {
        version = 0;
        return text.StartsWith('v') && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;
    }

    /// <summary>Reads a share such as <c>v3=90</c>.</summary>
    public static bool TryShare(string text, out int version, out int weight)
    {
        weight = 0;
        version = 0;
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && TryVersion(text[..equals], out version)
            && int.TryParse(text.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out weight) && weight <= 100;
    }

    /// <summary>Reads <c>[APP] [vN]</c>.</summary>
    public static (string App, int? Version) ReadVersion(string[] words)
    {
        switch (words)
        {
            case []:
                return (ServerArguments.AppOf(null), null);
            case [string one]:
                return TryVersion(one, out int only) && ServerArguments.AppOrNone(null) is string here ? (here, only) : (ServerArguments.AppOf(one), null);
            default:
                return TryVersion(words[1], out int version)
                    ? (ServerArguments.AppOf(words[0]), version)
                    : throw CommandException.Usage($"{GuestText.Quote(words[1])}: expected a version such as v3");
        }
    }

    /// <summary>Reads <c>[APP] vN=PERCENT...</c>.</summary>
    public static (string App, Dictionary<string, int> Weights) ReadShares(string[] words)
    {
        bool isNamed = words.Length > 0 && !words[0].Contains('=', StringComparison.Ordinal);
        var weights = new Dictionary<string, int>();
        foreach (string word in isNamed ? words[1..] : words)
        {
            if (!TryShare(word, out int version, out int weight) || !weights.TryAdd(version.ToString(CultureInfo.InvariantCulture), weight))
            {
                throw CommandException.Usage($"{GuestText.Quote(word)}: expected a version once and its percent, such as v3=90");
            }
        }

        return weights.Values.Sum() == 100
            ? (ServerArguments.AppOf(isNamed ? words[0] : null), weights)
            : throw CommandException.Usage("the percents add up to 100, such as v3=90 v4=10");
    }
}
