using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Cgi;

namespace Wisp.Host;

/// <summary>Puts one program behind HTTP: each request runs in a fresh instance, by the CGI contract of RFC 3875.</summary>
/// <remarks>
/// A program that waits, for its client or for time to pass, holds no thread. Thread safe. Source:
/// <see href="https://www.rfc-editor.org/rfc/rfc3875">RFC 3875</see>.
/// </remarks>
public sealed class FunctionServer : IAsyncDisposable
{
    private readonly FunctionServerOptions _options;
    private readonly FunctionProgram _program;
    private readonly RequestLog _log;
    private readonly KestrelListener _listener;
    private readonly CancellationTokenSource _cut = new();
    private long _requests;
    private int _running;

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Takes one line for each request, and what programs write to their standard error.</param>
    public FunctionServer(FunctionProgram program, FunctionServerOptions options, TextWriter log)
    {
        _program = program;
        _options = options;
        _log = new RequestLog(log);
        _listener = new KestrelListener(options, ServeAsync);
    }

    /// <summary>Where it listens, as URLs with the port that was taken. Empty before the start.</summary>
    public IReadOnlyCollection<string> Addresses => _listener.Addresses;

    /// <summary>Requests that run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Starts to listen.</summary>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="IOException">The address is taken or not of this machine.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _listener.StartAsync(cancellationToken);

    /// <summary>Accepts no more requests and waits for those that run, at most the options' time; what then still runs is stopped.</summary>
    public async Task StopAsync()
    {
        // The programs are stopped a moment before the connections are cut, so that their clients still get an answer.
        _cut.CancelAfter(_options.ShutdownTimeout);
        using var connections = new CancellationTokenSource(_options.ShutdownTimeout + TimeSpan.FromSeconds(1));
        await _listener.StopAsync(connections.Token).ConfigureAwait(false);
        _log.Flush();
    }

    /// <summary>Releases the listener. Stop first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _cut.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        long started = Stopwatch.GetTimestamp();
        long number = Interlocked.Increment(ref _requests);
        var outcome = default(InvocationOutcome);
        try
        {
            outcome = Interlocked.Increment(ref _running) > _options.MaxConcurrent
                ? await RefuseAsync(context).ConfigureAwait(false)
                : await InvokeAsync(context, number).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            _log.Write(new RequestRecord(
                number,
                context.Request.Method,
                CgiEnvironment.RawTarget(context),
                outcome.Status,
                Stopwatch.GetElapsedTime(started),
                outcome.Instantiation,
                outcome.MemoryBytes));
        }
    }

    private async Task<InvocationOutcome> InvokeAsync(HttpContext context, long number)
    {
        using var invocation = new Invocation(context, _program, _options, _log, number);
        return await invocation.RunAsync(_cut.Token).ConfigureAwait(false);
    }

    private static async Task<InvocationOutcome> RefuseAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        await PlainAnswer.SendAsync(context, StatusCodes.Status503ServiceUnavailable, "too many requests at once")
            .ConfigureAwait(false);
        return new InvocationOutcome(StatusCodes.Status503ServiceUnavailable, default, 0);
    }
}
