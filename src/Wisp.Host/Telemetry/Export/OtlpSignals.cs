namespace Wisp.Host.Telemetry.Export;

/// <summary>Which signals the environment asks to export.</summary>
internal readonly record struct OtlpSignals(bool Traces, bool Metrics, bool Logs)
{
    public bool IsNone => !Traces && !Metrics && !Logs;

    /// <summary>Reads the standard variables. An endpoint must be named: without one nothing is sent anywhere.</summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    public static OtlpSignals Of(Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED")?.Trim(), "true", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        bool isAll = !string.IsNullOrWhiteSpace(variable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        bool Asks(string signal) =>
            (isAll || !string.IsNullOrWhiteSpace(variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")))
            && variable($"OTEL_{signal}_EXPORTER")?.Trim() is null or "" or "otlp";

        return new OtlpSignals(Asks("TRACES"), Asks("METRICS"), Asks("LOGS"));
    }
}
