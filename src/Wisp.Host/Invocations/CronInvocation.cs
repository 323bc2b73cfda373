using System.Globalization;
using Wisp.Host.Telemetry;
using Wisp.Wasi;

namespace Wisp.Host.Invocations;

// What a program sees of a tick: no CGI variables (so no REQUEST_METHOD and no GATEWAY_INTERFACE), and these instead.
//
//   WISP_TRIGGER        cron
//   WISP_CRON_SCHEDULE  */5 * * * *
//   WISP_CRON_TIME      2026-01-31T12:05:00Z      when the tick was due

/// <summary>One run of a program for a tick of its cron trigger. Its standard input is empty, its output goes to the log.</summary>
internal sealed class CronInvocation(
    CronTick tick, FunctionProgram program, ComponentLimits limits, IInvocationSink log, InstancePool? pool)
{
    public async Task<CronOutcome> RunAsync(CancellationToken shutdown)
    {
        var output = new LineLog(log, tick.Id, "stdout");
        var error = new LineLog(log, tick.Id, "stderr");
        var run = new ProgramRun(program, limits.Store, pool);
        using var wall = new CancellationTokenSource(limits.WallTime ?? Timeout.InfiniteTimeSpan);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(wall.Token, shutdown);
        CronOutcome outcome;
        try
        {
            uint code = await run.RunAsync(new ProgramStreams(ByteSource.Empty, output, error), Variables(), stop.Token).ConfigureAwait(false);
            outcome = code == 0
                ? new CronOutcome(CronOutcome.Ok)
                : new CronOutcome(string.Create(CultureInfo.InvariantCulture, $"exit {code}"), Limit: run.RefusedLimit);
        }
        catch (Exception exception)
        {
            outcome = Failed(exception, wall.IsCancellationRequested, run);
        }
        finally
        {
            output.Finish();
            error.Finish();
        }

        return outcome with { Figures = run.Figures };
    }

    private CronOutcome Failed(Exception exception, bool isWallTimeUp, ProgramRun run) => exception switch
    {
        TrapException { Kind: TrapKind.CpuTimeExceeded } trap => Failed("stopped", "cpu", trap.Message),
        TrapException trap => Failed(
            "trap", trap.Kind == TrapKind.StackOverflow ? "stack" : run.RefusedLimit,
            $"trap: {trap.Message}\n{trap.Backtrace.ToString().TrimEnd()}"),
        OperationCanceledException => new CronOutcome("stopped", Limit: isWallTimeUp ? "wall" : null),
        LinkException or OutOfMemoryException => Failed("failed", null, $"no instance: {exception.Message}"),
        _ => Failed("failed", null, $"host failure: {exception.GetType().Name}: {exception.Message}"),
    };

    private CronOutcome Failed(string result, string? limit, string reason)
    {
        log.Note(tick.Id, reason);
        return new CronOutcome(result, Limit: limit, Failure: reason);
    }

    private List<KeyValuePair<string, string>> Variables() =>
    [
        new("WISP_TRIGGER", "cron"),
        new("WISP_CRON_SCHEDULE", tick.Schedule),
        new("WISP_CRON_TIME", tick.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
    ];
}
