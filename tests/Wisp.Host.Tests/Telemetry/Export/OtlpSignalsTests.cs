using Wisp.Host.Telemetry.Export;

namespace Wisp.Host.Tests.Telemetry.Export;

public sealed class OtlpSignalsTests
{
    [Theory]
    [InlineData("", "none")]
    [InlineData("OTEL_SERVICE_NAME=shop", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "traces metrics logs")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318;OTEL_SDK_DISABLED=TRUE", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318;OTEL_SDK_DISABLED=no", "traces metrics logs")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces", "traces")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318;OTEL_LOGS_EXPORTER=none;OTEL_METRICS_EXPORTER=otlp", "traces metrics")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=x;OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=y", "metrics logs")]
    public void VariablesSayWhatIsExported(string variables, string expected)
    {
        Dictionary<string, string> environment = variables.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var signals = OtlpSignals.Of(environment.GetValueOrDefault);
        string[] names = [.. new[] { signals.Traces ? "traces" : "", signals.Metrics ? "metrics" : "", signals.Logs ? "logs" : "" }.Where(name => name != "")];

        Assert.Equal(expected, signals.IsNone ? "none" : string.Join(' ', names));
        Assert.Equal(signals.IsNone, names.Length == 0);
    }
}
