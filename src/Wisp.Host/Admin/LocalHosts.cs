using System.Net;
using Microsoft.AspNetCore.Http;

namespace Wisp.Host.Admin;

/// <summary>Knows the names that a loopback address goes by.</summary>
/// <remarks>A page of a foreign site can let its own name resolve to 127.0.0.1 (DNS rebinding); its requests then come with that name as
/// their host. Who asks for this machine by a name of this machine is no such page.</remarks>
internal static class LocalHosts
{
    public static bool Includes(HostString host)
    {
        string name = host.Host;   // brackets of an IPv6 address are off
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));
    }
}
