using Wisp.Permissions;

namespace Wisp.Host.Hosting;

// pattern  = [ "*." ] name                name = label *( "." label ), at most 253 characters
// label    = 1*63( lower case letter / digit / "-" ), no "-" at its ends; other scripts as punycode (xn--...)
//
// A request names its host as in RFC 9110 7.2: a name, an IPv4 address or an IPv6 address in brackets, then perhaps ":" and a port.

/// <summary>Names of hosts, as apps ask for them and as requests have them.</summary>
internal static class HostName
{
    /// <summary>What stands in front of a pattern for every name under another.</summary>
    public const string Wildcard = "*.";

    private const int MaxLength = 253;
    private const int MaxLabelLength = 63;

    /// <summary>Why a text is no pattern, or null when it is one.</summary>
    public static string? FaultOf(string text)
    {
        string name = text.StartsWith(Wildcard, StringComparison.Ordinal) ? text[Wildcard.Length..] : text;
        if (name.Length is 0 or > MaxLength)
        {
            return $"{GuestText.Quote(text)} is no host name such as \"shop.example.com\"";
        }

        return name.Split('.').All(IsLabel)
            ? null
            : $"{GuestText.Quote(text)}: a host name has lower case letters, digits and hyphens between its dots, and *. at most in front";
    }

    /// <summary>The host of a request without its port and without a dot at its end.</summary>
    /// <param name="host">The Host header, or HTTP/2's <c>:authority</c>.</param>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        int port = host.LastIndexOf(':');
        if (port >= 0 && port > host.LastIndexOf(']'))
        {
            host = host[..port];
        }

        return host.EndsWith('.') ? host[..^1] : host;
    }

    private static bool IsLabel(string label) => label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
