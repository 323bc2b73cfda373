using System.Globalization;
using System.Text;
using Wisp.Host.Invocations;
using Wisp.Permissions;

namespace Wisp.Host;

// 2026-01-31T12:00:00.000Z #17 GET "/path?query" 200 1.3ms instantiate=0.05ms memory=1.1MiB app=shop route=/cart/... component=cart
// 2026-01-31T12:00:00.001Z #18 stderr: what the program wrote
// 2026-01-31T12:00:00.002Z #18 trap: integer divide by zero
// 2026-01-31T12:00:00.003Z #19 cron "*/5 * * * *" ok 1.3ms instantiate=0.05ms memory=1.1MiB app=shop component=sweep

/// <summary>Writes one line for each request, and what programs and traps say in between.</summary>
/// <remarks>
/// Lines are written in the thread pool: the first of some starts a write, and those that come meanwhile go with the next one. Under
/// load that is one system call for many requests, and no request waits for the log.
/// </remarks>
internal sealed class RequestLog(TextWriter writer) : IThreadPoolWorkItem
{
    // A log that is not taken away as fast as it comes makes its requests wait, instead of filling the memory.
    private const int MaxPendingCharacters = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private StringBuilder _pending = new();
    private StringBuilder _written = new();
    private bool _isScheduled;

    /// <summary>The line of a request.</summary>
    /// <param name="number">Counts invocations from 1; lines that the program wrote meanwhile carry it too.</param>
    /// <param name="method">Method of the request.</param>
    /// <param name="target">Path and query as the client sent them.</param>
    /// <param name="elapsed">From the request's head to the answer's end.</param>
    /// <param name="outcome">How it came out.</param>
    /// <param name="origin">The app, route and component, with a space in front; or empty.</param>
    public void Request(long number, string method, string target, TimeSpan elapsed, in InvocationOutcome outcome, string origin) =>
        Line(string.Create(
            CultureInfo.InvariantCulture,
            $"#{number} {method} {GuestText.Quote(target)} {outcome.Status} {elapsed.TotalMilliseconds:0.0}ms "
            + $"instantiate={outcome.Instantiation.TotalMilliseconds:0.00}ms memory={outcome.MemoryBytes / 1048576.0:0.0}MiB"
            + $"{origin}{Limit(outcome.Limit)}"));

    /// <summary>The line of a run for a cron trigger.</summary>
    public void Cron(in CronTick tick, TimeSpan elapsed, in CronOutcome outcome, string origin) => Line(string.Create(
        CultureInfo.InvariantCulture,
        $"#{tick.Number} cron \"{tick.Schedule}\" {outcome.Result} {elapsed.TotalMilliseconds:0.0}ms "
        + $"instantiate={outcome.Instantiation.TotalMilliseconds:0.00}ms memory={outcome.MemoryBytes / 1048576.0:0.0}MiB"
        + $"{origin}{Limit(outcome.Limit)}"));

    /// <summary>A line about no invocation, such as a skipped tick.</summary>
    /// <param name="text">One line of our own words.</param>
    public void Event(string text) => Line(text);

    private static string Limit(string? limit) => limit is null ? string.Empty : $" limit={limit}";

    /// <summary>A line about a request, such as why it failed.</summary>
    /// <param name="number">The request.</param>
    /// <param name="text">One line of our own words; what a guest said in it is escaped already.</param>
    public void Note(long number, string text) => Line($"#{number} {text}");

    /// <summary>A line that the program wrote to one of its standard streams.</summary>
    public void GuestLine(long number, string stream, ReadOnlySpan<byte> line) =>
        Line($"#{number} {stream}: {Printable(Encoding.UTF8.GetString(line))}");

    /// <summary>A whole line of a log, other than a name in a message, is not cut; but it must not move the cursor either.</summary>
    private static string Printable(string line) => string.Create(line.Length, line, static (printable, line) =>
    {
        for (int i = 0; i < line.Length; i++)
        {
            bool moves = char.GetUnicodeCategory(line[i]) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            printable[i] = moves && line[i] != '\t' ? '\ufffd' : line[i];
        }
    });

    /// <summary>Returns once everything so far is written.</summary>
    public void Flush() => WritePending();

    void IThreadPoolWorkItem.Execute() => WritePending();

    private void Line(string text)
    {
        bool isFull;
        bool schedule;
        lock (_lock)
        {
            _pending.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} ").Append(text).Append('\n');
            isFull = _pending.Length > MaxPendingCharacters;
            schedule = !_isScheduled;
            _isScheduled = true;
        }

        if (isFull)
        {
            WritePending();
        }
        else if (schedule)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void WritePending()
    {
        lock (_writing)
        {
            lock (_lock)
            {
                (_pending, _written) = (_written, _pending);
                _isScheduled = false;
            }

            if (_written.Length > 0)
            {
                writer.Write(_written);
                writer.Flush();
                _written.Clear();
            }
        }
    }
}
