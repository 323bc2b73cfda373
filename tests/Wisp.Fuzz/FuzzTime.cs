using System.Globalization;

namespace Wisp.Fuzz;

/// <summary>How long a target makes up new cases: <c>WISP_FUZZ_SECONDS</c>, or one second.</summary>
internal static class FuzzTime
{
    public static TimeSpan Get() =>
        TimeSpan.FromSeconds(double.TryParse(
            Environment.GetEnvironmentVariable("WISP_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds)
            ? seconds : 1);
}
