using System.Globalization;

namespace Wisp.Fuzz;

/// <summary>How long a target makes up new cases: <c>WISP_FUZZ_SECONDS</c>.</summary>
internal static class FuzzTime
{
    /// <summary>What the environment says, or one second.</summary>
    public static TimeSpan Get() => Of(1);

    /// <summary>What the environment says, or nothing.</summary>
    public static TimeSpan OnDemand() => Of(0);

    private static TimeSpan Of(double otherwise) => TimeSpan.FromSeconds(double.TryParse(
        Environment.GetEnvironmentVariable("WISP_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds)
        ? seconds : otherwise);
}
