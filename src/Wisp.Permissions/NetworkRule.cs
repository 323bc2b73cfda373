using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wisp.Permissions;

/// <summary>Whether a rule is about connections that the program opens or that it accepts.</summary>
public enum NetworkDirection
{
    /// <summary>The program connects to a peer.</summary>
    Connect,

    /// <summary>The program accepts connections on an address of this machine.</summary>
    Listen,
}

/// <summary>One rule about the network: which scheme, host and ports, and whether it allows or denies.</summary>
/// <remarks>
/// <code>
/// rule    = ["deny:"] ["listen:"] [scheme "://"] host [":" ports]
/// host    = name | "*." name | "*" | IPv4 ["/" bits] | "[" IPv6 ["/" bits] "]" | "private" | "loopback"
/// ports   = number | number "-" number | "*"
/// </code>
/// An allowing rule names its ports, unless its scheme has a well-known one; a denying rule without ports denies all of
/// them. A denying rule wins over each allowing one, whatever their order.
/// </remarks>
public sealed class NetworkRule
{
    private const string DenyPrefix = "deny:";
    private const string ListenPrefix = "listen:";
    private const string SchemeSeparator = "://";

    // private: what a server should not reach by accident. 169.254.0.0/16 holds the metadata services of the clouds.
    private static readonly IPNetwork[] PrivateRanges =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("::/128"), IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    private static readonly IPNetwork[] LoopbackRanges = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    private readonly string? _scheme;
    private readonly string _host;            // lower case; empty when the rule is about addresses
    private readonly IPNetwork[] _networks;   // empty when the rule is about a name
    private readonly int _firstPort;
    private readonly int _lastPort;

    private NetworkRule(string text, bool denies, NetworkDirection direction, string? scheme, string host,
        IPNetwork[] networks, int firstPort, int lastPort)
    {
        Flag = text;
        Denies = denies;
        Direction = direction;
        _scheme = scheme;
        _host = host;
        _networks = networks;
        _firstPort = firstPort;
        _lastPort = lastPort;
    }

    /// <summary>The argument of <c>--net</c> that gives this rule.</summary>
    public string Flag { get; }

    /// <summary>True when the rule takes away, false when it gives.</summary>
    public bool Denies { get; }

    /// <summary>Connections out, or connections in.</summary>
    public NetworkDirection Direction { get; }

    /// <summary>The one endpoint that the rule names by its address, or null when it names several or none.</summary>
    public IPEndPoint? Endpoint
    {
        get
        {
            if (_networks is not [IPNetwork network] || _firstPort != _lastPort)
            {
                return null;
            }

            int bits = network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
            return network.PrefixLength == bits ? new IPEndPoint(network.BaseAddress, _firstPort) : null;
        }
    }

    /// <summary>Reads the argument of <c>--net</c>; the grammar is in the remarks of this type.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="rule">The rule, when the result is true.</param>
    /// <param name="error">Why the text is none, when the result is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out NetworkRule? rule,
        [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        rule = null;
        string rest = text;
        bool denies = Take(ref rest, DenyPrefix);
        NetworkDirection direction = Take(ref rest, ListenPrefix) ? NetworkDirection.Listen : NetworkDirection.Connect;
        string? scheme = null;
        int separator = rest.IndexOf(SchemeSeparator, StringComparison.Ordinal);
        if (separator >= 0)
        {
            scheme = rest[..separator].ToLowerInvariant();
            rest = rest[(separator + SchemeSeparator.Length)..];
            if (scheme.Length == 0 || !scheme.All(char.IsAsciiLetterOrDigit))
            {
                error = Expected(text, "a scheme such as https before \"://\"");
                return false;
            }
        }

        if (!TrySplitPorts(rest, out string host, out string? ports))
        {
            error = Expected(text, "HOST:PORT; an IPv6 address goes between brackets");
            return false;
        }

        if (!TryParsePorts(ports, scheme, denies, out int first, out int last))
        {
            error = Expected(text, "a port from 1 to 65535, a range such as 8000-8099, or *");
            return false;
        }

        if (!TryParseHost(host, out string name, out IPNetwork[] networks))
        {
            error = Expected(text,
                "a host name, *.NAME, *, an address, a range such as 10.0.0.0/8, private or loopback");
            return false;
        }

        rule = new NetworkRule(text, denies, direction, scheme, name, networks, first, last);
        error = null;
        return true;
    }

    /// <summary>Says whether the rule is about this endpoint.</summary>
    /// <param name="scheme">Scheme of the request in lower case, such as <c>https</c> or <c>tcp</c>.</param>
    /// <param name="host">The name that was asked for; may be the text of an address.</param>
    /// <param name="address">The address that the name stands for, or null before it is looked up.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    public bool Covers(string scheme, string host, IPAddress? address, int port)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(host);
        if ((_scheme is not null && _scheme != scheme) || port < _firstPort || port > _lastPort)
        {
            return false;
        }

        if (_networks.Length > 0)
        {
            return (address is not null || IPAddress.TryParse(host.Trim('[', ']'), out address))
                && CoversAddress(address);
        }

        string name = host.TrimEnd('.').ToLowerInvariant();
        return _host switch
        {
            "*" => true,
            ['*', '.', ..] => name.Length > _host.Length - 1 && name.EndsWith(_host[1..], StringComparison.Ordinal),
            _ => name == _host,
        };
    }

    private bool CoversAddress(IPAddress address)
    {
        // ::ffff:10.0.0.1 is 10.0.0.1 to the kernel, so it is to the rule.
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (IPNetwork network in _networks)
        {
            if (network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Take(ref string rest, string prefix)
    {
        if (!rest.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        rest = rest[prefix.Length..];
        return true;
    }

    private static bool TrySplitPorts(string rest, out string host, out string? ports)
    {
        ports = null;
        host = rest;
        if (rest.StartsWith('['))
        {
            int close = rest.IndexOf(']', StringComparison.Ordinal);
            if (close < 0)
            {
                return false;
            }

            host = rest[1..close];
            string tail = rest[(close + 1)..];
            if (tail.Length > 0)
            {
                ports = tail[1..];
                return tail[0] == ':';
            }

            return true;
        }

        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            host = rest[..colon];
            ports = rest[(colon + 1)..];
            return !ports.Contains(':');
        }

        return true;
    }

    private static bool TryParsePorts(string? ports, string? scheme, bool denies, out int first, out int last)
    {
        first = 1;
        last = ushort.MaxValue;
        switch (ports)
        {
            case null:
                first = last = scheme switch { "http" => 80, "https" => 443, _ => 0 };
                if (first == 0 && denies)
                {
                    (first, last) = (1, ushort.MaxValue);
                }

                return first != 0;
            case "*":
                return true;
        }

        int dash = ports.IndexOf('-', StringComparison.Ordinal);
        return TryParsePort(dash < 0 ? ports : ports[..dash], out first)
            && TryParsePort(dash < 0 ? ports : ports[(dash + 1)..], out last) && first <= last;
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= ushort.MaxValue;

    private static bool TryParseHost(string host, out string name, out IPNetwork[] networks)
    {
        name = "";
        networks = [];
        switch (host)
        {
            case "private":
                networks = PrivateRanges;
                return true;
            case "loopback":
                networks = LoopbackRanges;
                return true;
        }

        if (host.Contains('/'))
        {
            if (!IPNetwork.TryParse(host, out IPNetwork network))
            {
                return false;
            }

            networks = [network];
            return true;
        }

        // IPAddress also reads "1" and "0x7f.1"; only the full spelling is an address here.
        if (IPAddress.TryParse(host, out IPAddress? address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || host.Count(c => c == '.') == 3))
        {
            networks = [new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32)];
            return true;
        }

        name = host.TrimEnd('.').ToLowerInvariant();
        string labels = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return name == "*" || (labels.Length is > 0 and <= 253
            && labels.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'));
    }

    private static string Expected(string text, string what) => $"--net {GuestText.Quote(text)}: expected {what}";
}
