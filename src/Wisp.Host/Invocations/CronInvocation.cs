using System.Globalization;
using Wisp.Wasi;

namespace Wisp.Host.Invocations;

// What a program sees of a tick: no CGI variables (so no REQUEST_METHOD and no GATEWAY_INTERFACE), and these instead.
//
//   WISP_TRIGGER        cron
//   WISP_CRON_SCHEDULE  */5 * * * *
//   WISP_CRON_TIME      2026-01-31T12:05:00Z      when the tick was due

/// <summary>One run of a program for a tick of its cron trigger. Its standard input is empty, its output goes to the log.</summary>
internal sealed class CronInvocation(CronTick tick, FunctionProgram program, ComponentLimits limits, RequestLog log)
{
    public async Task<CronOutcome> RunAsync(CancellationToken shutdown)
    {
        var output = new LineLog(log, tick.Number, "stdout");
        var error = new LineLog(log, tick.Number, "stderr");
        var run = new ProgramRun(program, limits.Store);
        using var wall = new CancellationTokenSource(limits.WallTime ?? Timeout.InfiniteTimeSpan);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(wall.Token, shutdown);
        (string result, string? limit) = ("ok", null);
        try
        {
            uint code = await run.RunAsync(new ProgramStreams(ByteSource.Empty, output, error), Variables(), stop.Token).ConfigureAwait(false);
            (result, limit) = code == 0 ? ("ok", null) : ($"exit {code}", run.RefusedLimit);
        }
        catch (Exception exception)
        {
            (result, limit) = Failure(exception, wall.IsCancellationRequested, run);
        }
        finally
        {
            output.Finish();
            error.Finish();
        }

        return new CronOutcome(result, run.Instantiation, run.MemoryBytes, limit);
    }

    private (string Result, string? Limit) Failure(Exception exception, bool isWallTimeUp, ProgramRun run)
    {
        switch (exception)
        {
            case TrapException { Kind: TrapKind.CpuTimeExceeded } trap:
                log.Note(tick.Number, trap.Message);
                return ("stopped", "cpu");

            case TrapException trap:
                log.Note(tick.Number, $"trap: {trap.Message}\n{trap.Backtrace.ToString().TrimEnd()}");
                return ("trap", trap.Kind == TrapKind.StackOverflow ? "stack" : run.RefusedLimit);

            case OperationCanceledException:
                return ("stopped", isWallTimeUp ? "wall" : null);

            case LinkException or OutOfMemoryException:
                log.Note(tick.Number, $"no instance: {exception.Message}");
                return ("failed", null);

            default:
                log.Note(tick.Number, $"host failure: {exception.GetType().Name}: {exception.Message}");
                return ("failed", null);
        }
    }

    private List<KeyValuePair<string, string>> Variables() =>
    [
        new("WISP_TRIGGER", "cron"),
        new("WISP_CRON_SCHEDULE", tick.Schedule),
        new("WISP_CRON_TIME", tick.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
    ];
}
