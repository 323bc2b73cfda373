using System.Buffers;
using System.Globalization;
using Wisp.Host.Deployments;
using Wisp.Host.Logs;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Messages;
using Wisp.Host.Telemetry.Metrics;
using Wisp.Permissions;

namespace Wisp.Host.Admin;

/// <summary>The endpoints about what the apps do: logs, invocations, figures.</summary>
/// <param name="telemetry">What is known.</param>
/// <param name="deployments">The apps that there are.</param>
/// <param name="maxFollowers">Answers that follow a log at once.</param>
/// <param name="stopping">Ends what follows a log.</param>
internal sealed class TelemetryEndpoints(HostTelemetry telemetry, IDeployments deployments, int maxFollowers, CancellationToken stopping)
{
    private const int DefaultInvocations = 50;

    private int _followers;

    public Task LiveAsync(AdminRequest request) => request.AnswerAsync(telemetry.Live.Read(), TelemetryJson.Default.LiveMessage);

    public async Task MetricsAsync(AdminRequest request)
    {
        byte[] page = telemetry.Prometheus.Write();
        request.Context.Response.ContentType = PrometheusText.ContentType;
        request.Context.Response.ContentLength = page.Length;
        await request.Context.Response.Body.WriteAsync(page, request.Gone).ConfigureAwait(false);
    }

    public Task InvocationsAsync(AdminRequest request)
    {
        string app = deployments.Find(request.App).Name;
        int limit = (int)(request.Number("limit", 1, 1000) ?? DefaultInvocations);
        return request.AnswerAsync(
            [.. telemetry.History.Latest(app, limit, request.Flag("failed")).Select(InvocationMessage.Of)],
            TelemetryJson.Default.IReadOnlyListInvocationMessage);
    }

    /// <summary>Sends lines of an app's log, a line of JSON each; with <c>follow</c> until the client goes away.</summary>
    public async Task LogsAsync(AdminRequest request)
    {
        string app = deployments.Find(request.App).Name;
        var query = new LogQuery
        {
            Tail = (int?)request.Number("tail", 0, LogQuery.MaxTail),
            Since = TimeOf(request.Query("since"), DateTimeOffset.UtcNow),
            Invocation = request.Number("invocation", 1, long.MaxValue),
            Follow = request.Flag("follow"),
        };
        if (Interlocked.Increment(ref _followers) > maxFollowers && query.Follow)
        {
            Interlocked.Decrement(ref _followers);
            throw new AdminFault(503, "busy", $"{maxFollowers} answers follow logs already") { RetryAfter = 10 };
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Gone, stopping);
        request.Context.Response.ContentType = "application/x-ndjson";
        try
        {
            await SendAsync(request, telemetry.Logs.ReadAsync(app, query, end.Token), end).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Who follows a log ends by going away, or when the server is stopped.
        }
        finally
        {
            Interlocked.Decrement(ref _followers);
        }
    }

    private static async Task SendAsync(AdminRequest request, IAsyncEnumerable<LogLine> lines, CancellationTokenSource end)
    {
        const int FlushBytes = 32 * 1024;
        Stream body = request.Context.Response.Body;
        using var format = new LogFormat();
        var output = new ArrayBufferWriter<byte>();
        IAsyncEnumerator<LogLine> each = lines.GetAsyncEnumerator(end.Token);
        await using (each.ConfigureAwait(false))
        {
            // The log is looked at before the head is sent: whoever has the head misses no line that is written from then on.
            Task<bool> next = each.MoveNextAsync().AsTask();
            try
            {
                await body.FlushAsync(end.Token).ConfigureAwait(false);
                while (true)
                {
                    // Lines that are there already go together; before waiting for more all of them are sent.
                    if (output.WrittenCount >= FlushBytes || (output.WrittenCount > 0 && !next.IsCompleted))
                    {
                        await body.WriteAsync(output.WrittenMemory, end.Token).ConfigureAwait(false);
                        await body.FlushAsync(end.Token).ConfigureAwait(false);
                        output.ResetWrittenCount();
                    }

                    if (!await next.ConfigureAwait(false))
                    {
                        break;
                    }

                    format.Write(output, each.Current);
                    next = each.MoveNextAsync().AsTask();
                }
            }
            catch
            {
                // An enumerator that still waits for a line cannot be disposed.
                await end.CancelAsync().ConfigureAwait(false);
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        await body.WriteAsync(output.WrittenMemory, end.Token).ConfigureAwait(false);
    }

    /// <summary>A moment, or how long ago: <c>2026-01-31T12:00:00Z</c>, <c>90s</c>, <c>15m</c>, <c>2h</c>, <c>3d</c>.</summary>
    private static DateTimeOffset? TimeOf(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        TimeSpan? unit = text.Length == 0 ? null : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        if (unit is TimeSpan one && uint.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint count)
            && count * one.TotalDays < (now - DateTimeOffset.MinValue).TotalDays)
        {
            return now - (count * one);
        }

        return DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw AdminFault.BadRequest("bad-query", $"since={GuestText.Quote(text)}: expected a time such as 2026-01-31T12:00:00Z, or 90s, 15m, 2h, 3d");
    }
}
