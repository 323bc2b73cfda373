using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Cgi;
using Wisp.Wasi;

namespace Wisp.Host;

/// <summary>How an invocation came out, for the log.</summary>
/// <param name="Status">Status of the answer, or 499 when there was nobody left to answer.</param>
/// <param name="Instantiation">Time to make the instance.</param>
/// <param name="MemoryBytes">Linear memory at the end.</param>
internal readonly record struct InvocationOutcome(int Status, TimeSpan Instantiation, long MemoryBytes);

// One request, one store, one instance. The program can end in many ways; what the client sees follows from this table as long as
// the program has not written a whole head. Afterwards the answer is on its way, and all but the first row cut the connection, so
// that nobody takes half an answer for a whole one.
//
//   ends by itself, head written    its answer               output is no CGI answer     502
//   ends with a code, no head       500                      body refused by the server  413 or what Kestrel says
//   traps                           500                      wall or processor time up   504
//   host function fails             500                      client goes away            499, in the log alone
//   no memory for an instance       503                      server is shut down         503

/// <summary>One run of the program.</summary>
internal sealed class Invocation : IDisposable
{
    private const int ClientClosedRequest = 499;

    private readonly HttpContext _context;
    private readonly FunctionProgram _program;
    private readonly FunctionServerOptions _options;
    private readonly RequestLog _log;
    private readonly long _number;
    private readonly CancellationTokenSource _end = new();
    private readonly CgiInput _input;
    private readonly CgiOutput _output;
    private readonly StandardErrorLog _error;
    private TimeSpan _instantiation;
    private long _memoryBytes;

    public Invocation(
        HttpContext context, FunctionProgram program, FunctionServerOptions options, RequestLog log, long number)
    {
        _context = context;
        _program = program;
        _options = options;
        _log = log;
        _number = number;
        _input = new CgiInput(context.Request, _end.Cancel);
        _output = new CgiOutput(context.Response, options.MaxResponseHeadBytes, options.MaxResponseBodyBytes, _end.Cancel);
        _error = new StandardErrorLog(log, number);
    }

    /// <summary>Runs the program and answers the request.</summary>
    /// <param name="shutdown">Stops the program.</param>
    public async Task<InvocationOutcome> RunAsync(CancellationToken shutdown)
    {
        if (_context.Request.ContentLength > _options.MaxRequestBodyBytes)
        {
            return await FailAsync(StatusCodes.Status413PayloadTooLarge, "the body is too large").ConfigureAwait(false);
        }

        using var wall = new CancellationTokenSource(_options.WallTime ?? Timeout.InfiniteTimeSpan);
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
        long started = Stopwatch.GetTimestamp();
        using var store = new Store(
            _program.Engine, _options.Limits with { TimeSlice = _options.Limits.TimeSlice ?? _options.TimeSlice });
        try
        {
            using WasiContext wasi = _program.CreateContext(_context, _input, _output, _error);
            store.Data = wasi;
            Function start = await _program.InstantiateAsync(store, stop).ConfigureAwait(false);
            _instantiation = Stopwatch.GetElapsedTime(started);
            await start.InvokeAsync(ReadOnlyMemory<Value>.Empty, stop).ConfigureAwait(false);
            return 0;
        }
        catch (WasiExitException exit)
        {
            return exit.Code;
        }
        finally
        {
            _output.Detach();
            _memoryBytes = store.MemoryBytes;
        }
    }

    private async Task<InvocationOutcome> EndedAsync(uint code, CancellationToken stop)
    {
        if (_output.Fault is not null || _input.Refusal is not null)
        {
            return await RefusedAsync().ConfigureAwait(false);
        }

        if (code != 0)
        {
            _log.Note(_number, $"exit code {code}");
        }

        if (!_output.HasHead)
        {
            if (code != 0)
            {
                return await FailAsync(StatusCodes.Status500InternalServerError, "the function failed").ConfigureAwait(false);
            }

            _log.Note(_number, _output.IsEmpty ? "no output" : "the output ends before the empty line behind the headers");
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
                _log.Note(_number, trap.Message);
                return await FailAsync(StatusCodes.Status504GatewayTimeout, "the function took too long").ConfigureAwait(false);

            case TrapException trap:
                _log.Note(_number, $"trap: {trap.Message}\n{trap.Backtrace.ToString().TrimEnd()}");
                return await FailAsync(StatusCodes.Status500InternalServerError, "the function failed").ConfigureAwait(false);

            case OperationCanceledException or ConnectionAbortedException or IOException
                when _context.RequestAborted.IsCancellationRequested:
                return Outcome(ClientClosedRequest);

            case OperationCanceledException when isWallTimeUp:
                _log.Note(_number, $"wall time limit of {_options.WallTime?.TotalSeconds:0.###} s");
                return await FailAsync(StatusCodes.Status504GatewayTimeout, "the function took too long").ConfigureAwait(false);

            case OperationCanceledException when isShutdown:
                return await FailAsync(StatusCodes.Status503ServiceUnavailable, "shutting down").ConfigureAwait(false);

            case LinkException or OutOfMemoryException:
                _log.Note(_number, $"no instance: {exception.Message}");
                return await FailAsync(StatusCodes.Status503ServiceUnavailable, "no room for an instance").ConfigureAwait(false);

            default:
                _log.Note(_number, $"host failure: {exception.GetType().Name}: {exception.Message}");
                return await FailAsync(StatusCodes.Status500InternalServerError, "the function failed").ConfigureAwait(false);
        }
    }

    private async Task<InvocationOutcome> RefusedAsync()
    {
        if (_input.Refusal is int status)
        {
            return await FailAsync(status, "the body was refused").ConfigureAwait(false);
        }

        _log.Note(_number, $"bad answer: {_output.Fault}");
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
            return Outcome(ClientClosedRequest);
        }

        return Outcome(status);
    }

    private InvocationOutcome Outcome(int status) => new(status, _instantiation, _memoryBytes);
}
