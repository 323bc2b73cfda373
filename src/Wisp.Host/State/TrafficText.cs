using System.Globalization;
using Wisp.Host.Deployments;

namespace Wisp.Host.State;

/// <summary>Shares of traffic as text: <c>3=90,4=10</c>.</summary>
internal static class TrafficText
{
    public static string Of(IEnumerable<TrafficShare> shares) => string.Join(',', shares.Select(
        share => string.Create(CultureInfo.InvariantCulture, $"{share.Version}={share.Weight}")));

    public static IReadOnlyList<TrafficShare> Parse(string text) => [.. text.Split(',').Select(part =>
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        return new TrafficShare(
            int.Parse(part.AsSpan(0, equals), CultureInfo.InvariantCulture), int.Parse(part.AsSpan(equals + 1), CultureInfo.InvariantCulture));
    })];
}
