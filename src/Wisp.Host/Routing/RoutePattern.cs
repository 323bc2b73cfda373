using System.Diagnostics.CodeAnalysis;
using Wisp.Permissions;

namespace Wisp.Host.Routing;

// route    = "/" | 1*( "/" segment ) [ "/..." ] | "/..."
// segment  = text | ":" name            name = lower case letter, then letters, digits, "_"
//
// Text stands for itself, decoded: no percent signs. A route says nothing about a slash at the end: "/a" takes "/a" and "/a/".

/// <summary>The paths that a route takes.</summary>
internal sealed class RoutePattern
{
    /// <summary>What "any segments, or none" looks like at the end.</summary>
    public const string Wildcard = "...";

    /// <summary>Segments of a route.</summary>
    public const int MaxSegments = 64;

    private const int MaxLength = 2048;

    private RoutePattern(string text, string[] segments, bool hasWildcard)
    {
        Text = text;
        Segments = segments;
        HasWildcard = hasWildcard;
    }

    /// <summary>The route of every path.</summary>
    public static RoutePattern Everything { get; } = new("/" + Wildcard, [], hasWildcard: true);

    /// <summary>As it stands in the manifest.</summary>
    public string Text { get; }

    /// <summary>Texts, and names with a colon in front; without the wildcard.</summary>
    public IReadOnlyList<string> Segments { get; }

    public bool HasWildcard { get; }

    /// <summary>The same for two routes that take the same paths.</summary>
    public string Shape => string.Concat(Segments.Select(segment => IsParameter(segment) ? "/:" : "/" + segment))
        + (HasWildcard ? "/" + Wildcard : string.Empty);

    public static bool IsParameter(string segment) => segment.StartsWith(':');

    /// <summary>Why a text is no route, or null when it is one.</summary>
    public static string? FaultOf(string text) => TryParse(text, out _, out string? fault) ? null : fault;

    /// <summary>Reads a route.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out RoutePattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        fault = FaultOfText(text);
        if (fault is not null)
        {
            return false;
        }

        string[] segments = text == "/" ? [] : text[1..].Split('/');
        bool hasWildcard = segments is [.., Wildcard];
        segments = hasWildcard ? segments[..^1] : segments;
        fault = segments.Length > MaxSegments
            ? $"a route has at most {MaxSegments} segments"
            : segments.Select(FaultOfSegment).FirstOrDefault(found => found is not null)
                ?? segments.Where(IsParameter).GroupBy(name => name).Where(group => group.Count() > 1)
                    .Select(group => $"{group.Key} stands twice in {GuestText.Quote(text)}").FirstOrDefault();
        pattern = fault is null ? new RoutePattern(text, segments, hasWildcard) : null;
        return fault is null;
    }

    private static string? FaultOfText(string text)
    {
        if (!text.StartsWith('/'))
        {
            return $"{GuestText.Quote(text)}: a route starts with /";
        }

        if (text.Length > MaxLength)
        {
            return $"a route has at most {MaxLength} characters";
        }

        if (text.Length > 1 && text.EndsWith('/'))
        {
            return $"{GuestText.Quote(text)}: write {GuestText.Quote(text.TrimEnd('/') is { Length: > 0 } rest ? rest : "/")}, "
                + "which takes a path with a slash at its end as well";
        }

        return text.Any(c => c is '%' or '?' or '#' or '\\' || char.IsControl(c))
            ? $"{GuestText.Quote(text)}: a route holds decoded text, without %, ?, #, \\ and control characters"
            : null;
    }

    private static string? FaultOfSegment(string segment) => segment switch
    {
        "" => "an empty segment (//)",
        "." or ".." => $"a segment {segment}: paths are resolved before they are routed, so it could never match",
        Wildcard => $"{Wildcard} stands at the end alone",
        [':', ..] => segment.Length is > 1 and <= 64 && char.IsAsciiLetterLower(segment[1])
            && segment.Skip(1).All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? null
            : $"{GuestText.Quote(segment)}: a parameter is : and a name of lower case letters, digits and _",
        _ => segment.Contains(Wildcard, StringComparison.Ordinal)
            ? $"{GuestText.Quote(segment)}: {Wildcard} is a segment of its own, at the end"
            : null,
    };
}
