using System.Globalization;
using Wisp.Permissions;

namespace Wisp.Host.Telemetry;

// GET "/path?query" 200 1.3ms cpu=0.21ms instantiate=0.05ms memory=1.1MiB app=shop version=3 route=/cart/... component=cart
// cron "*/5 * * * *" ok 1.3ms cpu=0.30ms instantiate=0.05ms wake=0.61ms memory=1.1MiB app=shop component=sweep denied=2 limit=cpu

/// <summary>An invocation as a line for people.</summary>
internal static class InvocationText
{
    public static string Of(InvocationRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Subject(record)} {Tenths(record.Wall.TotalMilliseconds)}ms{Cpu(record.Cpu)} "
        + $"instantiate={Hundredths(record.Instantiation.TotalMilliseconds)}ms{Wake(record.Wake)} memory={Tenths(record.MemoryBytes / 1048576.0)}MiB"
        + $"{record.Origin.LogText}{Denied(record.DeniedCount)}{Limit(record.Limit)}");

    private static string Subject(InvocationRecord record) => record.Method is null
        ? $"cron \"{record.Route}\" {record.Result}"
        : string.Create(CultureInfo.InvariantCulture, $"{record.Method} {GuestText.Quote(record.Target ?? "/")} {record.Status}");

    private static string Cpu(TimeSpan time) => time == TimeSpan.Zero ? string.Empty : Milliseconds(" cpu=", time);

    private static string Wake(TimeSpan? time) => time is TimeSpan wake ? Milliseconds(" wake=", wake) : string.Empty;

    private static string Milliseconds(string name, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}{Hundredths(time.TotalMilliseconds)}ms");

    // As :0.0 and :0.00 write them; formatting as floating point took 2 % of a small request.
    private static DecimalText Tenths(double number) => new((long)Math.Round(number * 10, MidpointRounding.AwayFromZero), 1);

    private static DecimalText Hundredths(double number) => new((long)Math.Round(number * 100, MidpointRounding.AwayFromZero), 2);

    private static string Denied(long count) =>
        count == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" denied={count}");

    private static string Limit(string? limit) => limit is null ? string.Empty : $" limit={limit}";
}
