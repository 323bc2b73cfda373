using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Cgi;
using Wisp.Host.Routing;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Invocations;

// One request, one store, one instance. The program can end in many ways; what the client sees follows from this table as long as
// the program has not written a whole head. Afterwards the answer is on its way, and all but the first row cut the connection, so
// that nobody takes half an answer for a whole one.
//
//   ends by itself, head written    its answer               output is no CGI answer     502
//   ends with a code, no head       500                      body refused by the server  413 or what Kestrel says
//   traps                           500                      wall or processor time up   504
//   host function fails             500                      client goes away            499, in the log alone
//   no memory for an instance       503                      server is shut down         503

/// <summary>One run of the program for a request.</summary>
internal sealed class HttpInvocation : IDisposable
{
    private readonly HttpContext _context;
    private readonly RouteMatch _match;
    private readonly ComponentLimits _limits;
    private readonly IInvocationSink _log;
    private readonly InvocationId _id;
    private readonly CancellationTokenSource _end = new();
    private readonly CgiInput _input;
    private readonly CgiOutput _output;
    private readonly LineLog _error;
    private readonly ProgramRun _run;
    private string? _limit;
    private string? _failure;

    public HttpInvocation(
        RoutedRequest request, FunctionProgram program, ComponentLimits limits, IInvocationSink log, InstancePool? pool)
    {
        _context = request.Context;
        _match = request.Match;
        _limits = limits;
        _log = log;
        _id = request.Id;
        _input = new CgiInput(_context.Request, _end.Cancel);
        _output = new CgiOutput(_context.Response, limits.ResponseHeadBytes, limits.ResponseBytes, _end.Cancel);
        _error = new LineLog(log, _id, "stderr");
        _run = new ProgramRun(program, limits.Store, pool);
    }

    /// <summary>Whether the program gets WAGI's variables besides CGI's.</summary>
    public bool HasWagiVariables { get; init; }

    /// <summary>Runs the program and answers the request.</summary>
    /// <param name="shutdown">Stops the program.</param>
    public async Task<InvocationOutcome> RunAsync(CancellationToken shutdown)
    {
        if (_context.Request.ContentLength > _limits.RequestBytes)
        {
            _limit = "request";
            return await FailAsync(StatusCodes.Status413PayloadTooLarge, "the body is too large").ConfigureAwait(false);
        }

        using var wall = new CancellationTokenSource(_limits.WallTime ?? Timeout.InfiniteTimeSpan);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            wall.Token, shutdown, _context.RequestAborted, _end.Token);
        try
        {
            uint code = await RunProgramAsync(stop.Token).ConfigureAwait(false);
            return await EndedAsync(code, stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return await StoppedAsync(exception, wall.IsCancellationRequested, shutdown.IsCancellationRequested)
                .ConfigureAwait(false);
        }
        finally
        {
            _error.Finish();
        }
    }

    public void Dispose() => _end.Dispose();

    private async Task<uint> RunProgramAsync(CancellationToken stop)
    {
        try
        {
            return await _run.RunAsync(
                new ProgramStreams(_input, _output, _error), Variables(), stop).ConfigureAwait(false);
        }
        finally
        {
            _output.Detach();
        }
    }

    private List<KeyValuePair<string, string>> Variables()
    {
        List<KeyValuePair<string, string>> variables = CgiEnvironment.Of(_context, _match);
        if (HasWagiVariables)
        {
            WagiVariables.AddTo(variables, _context, _id.Origin.Route, _match);
        }

        return variables;
    }

    private async Task<InvocationOutcome> EndedAsync(uint code, CancellationToken stop)
    {
        if (_output.Fault is not null || _input.Refusal is not null)
        {
            return await RefusedAsync().ConfigureAwait(false);
        }

        if (code != 0)
        {
            _limit = _run.RefusedLimit;
            Explain($"exit code {code}");
        }

        if (!_output.HasHead)
        {
            if (code != 0)
            {
                return await FailAsync(StatusCodes.Status500InternalServerError, "the function failed").ConfigureAwait(false);
            }

            _limit = _run.RefusedLimit;
            Explain(_output.IsEmpty ? "no output" : "the output ends before the empty line behind the headers");
            return await FailAsync(StatusCodes.Status502BadGateway, "the function gave no valid answer").ConfigureAwait(false);
        }

        await _output.FinishAsync(stop).ConfigureAwait(false);
        return Outcome(_context.Response.StatusCode);
    }

    private async Task<InvocationOutcome> StoppedAsync(Exception exception, bool isWallTimeUp, bool isShutdown)
    {
        if (_output.Fault is not null || _input.Refusal is not null)
        {
            return await RefusedAsync().ConfigureAwait(false);
        }

        switch (exception)
        {
            case TrapException { Kind: TrapKind.CpuTimeExceeded } trap:
                _limit = "cpu";
                Explain(trap.Message);
                return await FailAsync(StatusCodes.Status504GatewayTimeout, "the function took too long").ConfigureAwait(false);

            case TrapException trap:
                _limit = trap.Kind == TrapKind.StackOverflow ? "stack" : _run.RefusedLimit;
                Explain($"trap: {trap.Message}\n{trap.Backtrace.ToString().TrimEnd()}");
                return await FailAsync(StatusCodes.Status500InternalServerError, "the function failed").ConfigureAwait(false);

            case OperationCanceledException or ConnectionAbortedException or IOException
                when _context.RequestAborted.IsCancellationRequested:
                return Outcome(PlainAnswer.ClientClosedRequest);

            case OperationCanceledException when isWallTimeUp:
                _limit = "wall";
                Explain($"wall time limit of {_limits.WallTime?.TotalSeconds:0.###} s");
                return await FailAsync(StatusCodes.Status504GatewayTimeout, "the function took too long").ConfigureAwait(false);

            case OperationCanceledException when isShutdown:
                return await FailAsync(StatusCodes.Status503ServiceUnavailable, "shutting down").ConfigureAwait(false);

            case LinkException or OutOfMemoryException:
                _limit = _run.RefusedLimit;
                Explain($"no instance: {exception.Message}");
                return await FailAsync(StatusCodes.Status503ServiceUnavailable, "no room for an instance").ConfigureAwait(false);

            default:
                Explain($"host failure: {exception.GetType().Name}: {exception.Message}");
                return await FailAsync(StatusCodes.Status500InternalServerError, "the function failed").ConfigureAwait(false);
        }
    }

    private async Task<InvocationOutcome> RefusedAsync()
    {
        if (_input.Refusal is int status)
        {
            _limit = status == StatusCodes.Status413PayloadTooLarge ? "request" : null;
            return await FailAsync(status, "the body was refused").ConfigureAwait(false);
        }

        _limit = _output.IsTooLong ? "response" : null;
        Explain($"bad answer: {_output.Fault}");
        return await FailAsync(StatusCodes.Status502BadGateway, "the function gave no valid answer").ConfigureAwait(false);
    }

    private async Task<InvocationOutcome> FailAsync(int status, string text)
    {
        if (_context.Response.HasStarted || _output.HasHead)
        {
            _context.Abort();
            return Outcome(_context.Response.StatusCode);
        }

        try
        {
            await PlainAnswer.SendAsync(_context, status, text).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return Outcome(PlainAnswer.ClientClosedRequest);
        }

        return Outcome(status);
    }

    private InvocationOutcome Outcome(int status) =>
        new(status, _run.Figures, _limit, _failure);

    /// <summary>Says why the invocation failed, for the operator alone.</summary>
    private void Explain(string reason)
    {
        _failure = _failure is null ? reason : $"{_failure}\n{reason}";
        _log.Note(in _id, reason);
    }
}
