using System.Buffers;
using System.Globalization;
using Wisp.Host.Cron;
using Wisp.Host.Routing;
using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>The kinds of text in manifests, each with its grammar.</summary>
internal static class TextTypes
{
    private const int MaxNameLength = 63;

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static readonly TextType AppName = Name("an app's name", "-");
    public static readonly TextType ComponentName = Name("a component's name", "-_");
    public static readonly TextType VariableName = Name("a variable's name", "_");

    public static readonly TextType HostName = new("a host name such as \"shop.example.com\"", Hosting.HostName.FaultOf, "^[a-z0-9*]");

    public static readonly TextType Route = new("a route such as \"/users/:id\"", RoutePattern.FaultOf, "^/");

    public static readonly TextType Method = new("a method such as \"GET\"", text =>
        text.Length is > 0 and <= 32 && text.All(c => char.IsAsciiLetterUpper(c) || c == '-')
            ? null : $"{GuestText.Quote(text)} is no method; methods are in capitals: \"GET\"", "^[A-Z-]+$");

    public static readonly TextType Schedule = new("a schedule such as \"*/5 * * * *\"", CronSchedule.FaultOf);

    public static readonly TextType TimeZone = new("a time zone such as \"Europe/Berlin\"", text =>
        TimeZoneInfo.TryFindSystemTimeZoneById(text, out _) ? null
            : $"there is no time zone {GuestText.Quote(text)}; an example is \"Europe/Berlin\"");

    public static readonly TextType HeaderName = new("a header's name", text =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters) ? null : $"{GuestText.Quote(text)} is no name of a header");

    public static readonly TextType HeaderValue = new("a header's value", text =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "a header holds printable ASCII characters alone" : null);

    public static readonly TextType Target = new("a path such as \"/a?b=c\"", text =>
        text.StartsWith('/') && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? null
            : $"{GuestText.Quote(text)}: starts with / and holds no spaces; other characters as %20");

    /// <summary>A path that stays in the app's folder, so that the folder is all that a deploy needs.</summary>
    public static readonly TextType PathInside = new("a path in the app's folder", text =>
        text.Length > 0 && !Path.IsPathRooted(text) && !text.Contains('\0', StringComparison.Ordinal) && !text.Split('/').Contains("..")
            ? null : $"{GuestText.Quote(text)} leaves the app's folder");

    public static readonly TextType HostPath = new("a path", text =>
        text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal) ? null : "is no path");

    public static readonly TextType GuestPath = new("a path such as \"/data\"", text =>
        text.StartsWith('/') && !text.Contains('\0', StringComparison.Ordinal) && !text.Split('/').Any(part => part is "." or "..")
            ? null : $"{GuestText.Quote(text)}: a path that a component sees starts with / and has no .. in it", "^/");

    public static readonly TextType WatchPattern = new("a pattern such as \"src/**\"", PathInside.Check);

    public static readonly TextType NetworkRule = new("a rule such as \"https://api.example.com\"", text =>
        Wisp.Permissions.NetworkRule.TryParse(text, out _, out string? error) ? null : WithoutFlag(error));

    public static readonly TextType Variable = new("a variable: \"NAME\" or \"NAME=VALUE\"", text =>
        EnvironmentGrant.TryParse(text, out _, out string? error) ? null : WithoutFlag(error));

    public static readonly TextType Clock = new("real, or fixed=TIME", text =>
        ClockGrant.TryParse(text, out _, out string? error) ? null : WithoutFlag(error));

    public static readonly TextType Random = new("real, or seeded=NUMBER", text =>
        RandomGrant.TryParse(text, out _, out string? error) ? null : WithoutFlag(error));

    private static readonly TextType Size = new("a size such as \"64MiB\"", text =>
        ResourceLimits.TryParseBytes(text, out _) ? null : $"{GuestText.Quote(text)} is no size such as \"64MiB\"", "^[0-9]+([KMG]i?B?|B)?$");

    private static readonly TextType Time = new("a time such as \"50ms\"", text =>
        ResourceLimits.TryParseTime(text, out TimeSpan time) && time < MaxTime ? null
            : $"{GuestText.Quote(text)} is no time such as \"50ms\"", "^[0-9]+(us|ms|s|m|min|h)?$");

    // What a timer takes is 49 days.
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(40);

    public static readonly ManifestType SizeOrBytes = new EitherType(Size, new IntegerType(1, long.MaxValue));
    public static readonly ManifestType TimeOrSeconds = new EitherType(Time, new IntegerType(1, (long)MaxTime.TotalSeconds));

    private static TextType Name(string name, string marks) => new(name, text =>
        text.Length is > 0 and <= MaxNameLength && char.IsAsciiLetterLower(text[0])
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || marks.Contains(c, StringComparison.Ordinal))
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"{GuestText.Quote(text)}: {name} starts with a lower case letter, then letters, digits and {string.Join(' ', marks.ToCharArray())}"),
        $"^[a-z][a-z0-9{marks}]*$");

    /// <summary>Messages about flags name the flag in front; in a file the key stands there.</summary>
    private static string WithoutFlag(string error) => error[(error.IndexOf(' ', StringComparison.Ordinal) + 1)..];
}
