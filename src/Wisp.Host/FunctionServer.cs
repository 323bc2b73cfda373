using Wisp.Host.Apps;
using Wisp.Host.Invocations;
using Wisp.Host.Telemetry;

namespace Wisp.Host;

/// <summary>Puts one program behind HTTP: each request runs in a fresh instance, by the CGI contract of RFC 3875.</summary>
/// <remarks>
/// An app with one route that takes everything. A program that waits, for its client or for time to pass, holds no thread. Thread safe.
/// Source: <see href="https://www.rfc-editor.org/rfc/rfc3875">RFC 3875</see>.
/// </remarks>
public sealed class FunctionServer : IAsyncDisposable
{
    private readonly AppServer _server;

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Takes one line for each request, and what programs write to their standard error.</param>
    public FunctionServer(FunctionProgram program, FunctionServerOptions options, TextWriter log)
        : this(program, options, new RequestLog(log))
    {
    }

    /// <summary>Makes a server whose invocations are told to a sink.</summary>
    internal FunctionServer(FunctionProgram program, FunctionServerOptions options, IInvocationSink lines)
    {
        ArgumentNullException.ThrowIfNull(options);
        ComponentLimits limits = options.ToComponentLimits();
        var component = new AppComponent("program", new CgiExecutor(program, limits, lines, owned: null), limits);
        _server = new AppServer(App.OfOne(null, component), options, lines);
    }

    /// <summary>Where it listens, as URLs with the port that was taken. Empty before the start.</summary>
    public IReadOnlyCollection<string> Addresses => _server.Addresses;

    /// <summary>Requests that run now.</summary>
    public int Running => _server.Running;

    internal AppServer Server => _server;

    /// <summary>Starts to listen.</summary>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="IOException">The address is taken or not of this machine.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _server.StartAsync(cancellationToken);

    /// <summary>Accepts no more requests and waits for those that run, at most the options' time; what then still runs is stopped.</summary>
    public Task StopAsync() => _server.StopAsync();

    /// <summary>Releases the listener. Stop first.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
