using System.Globalization;

namespace Wisp.Bench.Measuring;

/// <summary>What the values of a table are. Always something of which less is better.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Text">A value for the eye.</param>
internal sealed record Quantity(string Name, Func<double, string> Text)
{
    public static readonly Quantity Nanoseconds = new("nanoseconds", Time);

    public static readonly Quantity Bytes = new("bytes", bytes => Number(bytes / (1 << 20), "0.0") + " MiB");

    /// <summary>Time for each byte of input, shown as the megabytes that one second does.</summary>
    public static readonly Quantity NanosecondsPerByte = new("nanoseconds per byte", value => Number(1e3 / value, "0.00") + " MB/s");

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        >= 1e9 => Number(nanoseconds / 1e9, "0.00") + " s",
        >= 1e6 => Number(nanoseconds / 1e6, "0.00") + " ms",
        >= 1e3 => Number(nanoseconds / 1e3, "0.00") + " us",
        _ => Number(nanoseconds, "0.0") + " ns",
    };

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
