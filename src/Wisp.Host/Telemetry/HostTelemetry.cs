using Wisp.Host.Logs;
using Wisp.Host.Telemetry.Live;

namespace Wisp.Host.Telemetry;

/// <summary>What a server knows about its invocations: one sink, and what can be asked. Thread safe.</summary>
internal sealed class HostTelemetry : IDisposable
{
    /// <summary>Opens it.</summary>
    /// <param name="logFolder">Where the logs of the apps are kept.</param>
    /// <param name="options">How much of them; null for the defaults.</param>
    /// <param name="clock">Tells the time; null for the machine's.</param>
    /// <param name="failed">Told why lines could not be written.</param>
    /// <param name="others">More sinks, such as the server's own log.</param>
    public HostTelemetry(
        string logFolder, LogOptions? options = null, TimeProvider? clock = null, Action<string>? failed = null, params IInvocationSink[] others)
    {
        Logs = new LogStore(logFolder, options, clock, failed);
        Live = new LiveFigures(clock ?? TimeProvider.System);
        Sink = new InvocationSinks([.. others, Logs, Live, History]);
    }

    /// <summary>Takes what invocations leave behind.</summary>
    public IInvocationSink Sink { get; }

    public LogStore Logs { get; }

    public LiveFigures Live { get; }

    public InvocationHistory History { get; } = new();

    /// <summary>Forgets all about an app that was deleted.</summary>
    public void Forget(string app)
    {
        Logs.Delete(app);
        History.Forget(app);
    }

    /// <summary>Writes what waits.</summary>
    public void Dispose() => Logs.Dispose();
}
