namespace Wisp.Host.Telemetry;

/// <summary>Takes what invocations leave behind. Called on the way of a request: returns at once, never throws.</summary>
internal interface IInvocationSink
{
    void Completed(InvocationRecord record);

    /// <summary>A line that the program wrote.</summary>
    /// <param name="app">The app, or null.</param>
    /// <param name="version">Number of its version, or 0.</param>
    /// <param name="number">The invocation.</param>
    /// <param name="stream"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="line">UTF-8, as the program wrote it; valid during the call.</param>
    void GuestLine(string? app, int version, long number, string stream, ReadOnlySpan<byte> line);
}
