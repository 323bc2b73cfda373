using Wisp.Host.Cgi;
using Wisp.Permissions;

namespace Wisp.Host.Snapshots;

/// <summary>How a program answered a probe.</summary>
/// <param name="End">How it ended, in words.</param>
/// <param name="Output">What it wrote.</param>
internal sealed record ProbeAnswer(string End, byte[] Output)
{
    /// <summary>In what two answers differ; null when they are the same.</summary>
    public static string? Difference(ProbeAnswer without, ProbeAnswer with)
    {
        if (without.End != with.End)
        {
            return $"without it the program {without.End}, with it the program {with.End}";
        }

        if (without.Output.AsSpan().SequenceEqual(with.Output))
        {
            return null;
        }

        (int status, string[] headers, int body) = Read(without.Output);
        (int otherStatus, string[] otherHeaders, int otherBody) = Read(with.Output);
        int same = headers.AsSpan().CommonPrefixLength(otherHeaders);
        return status != otherStatus ? $"status {status} without it, {otherStatus} with it"
            : same < headers.Length || same < otherHeaders.Length ? $"header {NameOf(headers, same)} without it, {NameOf(otherHeaders, same)} with it"
            : $"the bodies differ from byte {without.Output.AsSpan(body).CommonPrefixLength(with.Output.AsSpan(otherBody))} on";
    }

    // The name alone: a value may be a secret, and this goes to a log.
    private static string NameOf(string[] headers, int index) =>
        index < headers.Length ? $"{index + 1} ({GuestText.Escape(headers[index].Split(':')[0])})" : $"{index + 1} missing";

    private static (int Status, string[] Headers, int Body) Read(byte[] output)
    {
        var head = new CgiResponseHead();
        try
        {
            int body = head.Append(output);
            return (head.Status, [.. head.Headers.Select(header => $"{header.Key}: {header.Value}")], body);
        }
        catch (CgiException)
        {
            return (0, [], 0);
        }
    }
}
