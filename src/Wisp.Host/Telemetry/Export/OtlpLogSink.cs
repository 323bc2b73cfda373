using System.Text;
using Microsoft.Extensions.Logging;

namespace Wisp.Host.Telemetry.Export;

/// <summary>Sends what programs write, and what the host says about invocations, on as log records.</summary>
internal sealed class OtlpLogSink(ILogger logger) : IInvocationSink
{
    public void Completed(InvocationRecord record)
    {
    }

    public void GuestLine(in InvocationId invocation, string stream, ReadOnlySpan<byte> line) =>
        Write(stream == "stderr" ? LogLevel.Warning : LogLevel.Information, invocation.Origin, invocation.Number, stream, Encoding.UTF8.GetString(line));

    public void Note(in InvocationId invocation, string text) => Write(LogLevel.Error, invocation.Origin, invocation.Number, "host", text);

    public void Event(InvocationOrigin origin, string text) => Write(LogLevel.Information, origin, null, "host", text);

    private void Write(LogLevel level, InvocationOrigin origin, long? invocation, string stream, string text)
    {
        var state = new List<KeyValuePair<string, object?>>(5)
        {
            new("wisp.stream", stream),
        };
        Add(state, "wisp.app", origin.App);
        Add(state, "wisp.version", origin.Version == 0 ? null : origin.Version);
        Add(state, "wisp.component", origin.Component);
        Add(state, "wisp.invocation", invocation);
        logger.Log(level, default, state, null, (_, _) => text);
    }

    private static void Add(List<KeyValuePair<string, object?>> state, string name, object? value)
    {
        if (value is not null)
        {
            state.Add(new(name, value));
        }
    }
}
