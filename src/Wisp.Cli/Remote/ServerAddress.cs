using System.Diagnostics.CodeAnalysis;
using Wisp.Permissions;

namespace Wisp.Cli.Remote;

/// <summary>The address of a server's API, as users write it.</summary>
internal static class ServerAddress
{
    /// <summary>Reads an address: a URL without a path, or a host and port. Past this machine it is https unless it says http.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address)
    {
        bool hasScheme = text.Contains("://", StringComparison.Ordinal);
        address = null;
        if (!Uri.TryCreate(hasScheme ? text : $"http://{text}", UriKind.Absolute, out Uri? read)
            || read.Scheme is not ("http" or "https") || read.PathAndQuery != "/" || read.UserInfo.Length > 0 || read.Fragment.Length > 0
            || (!hasScheme && !text.Contains(':', StringComparison.Ordinal)))
        {
            return false;
        }

        address = hasScheme || read.IsLoopback ? read : new UriBuilder(read) { Scheme = "https", Port = read.Port }.Uri;
        return true;
    }

    public static Uri Parse(string text) => TryParse(text, out Uri? address)
        ? address
        : throw CommandException.Usage($"{GuestText.Quote(text)}: expected the address of a server such as http://127.0.0.1:8081");

    /// <summary>The form that is kept and compared.</summary>
    public static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
