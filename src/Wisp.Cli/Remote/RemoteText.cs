using System.Globalization;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Remote;

/// <summary>How things of a server are written for people.</summary>
internal static class RemoteText
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>As <c>wisp traffic</c> takes it.</summary>
    public static string Of(IReadOnlyList<TrafficMessage> traffic) =>
        traffic.Count == 0 ? "-" : string.Join(' ', traffic.Select(share => string.Create(CultureInfo.InvariantCulture, $"v{share.Version}={share.Weight}")));

    public static string HostsOf(IReadOnlyList<string> hosts) => hosts.Count == 0 ? "-" : string.Join(' ', hosts);

    public static string OfBytes(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
    };

    public static string Of(TimeSpan time) => time.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h")
        : time.TotalHours >= 1 ? $"{time.Hours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
        : $"{time.Seconds} s";
}
