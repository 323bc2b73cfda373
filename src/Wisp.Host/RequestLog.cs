using System.Globalization;
using System.Text;
using Wisp.Host.Telemetry;

namespace Wisp.Host;

// 2026-01-31T12:00:00.000Z #17 GET "/path?query" 200 1.3ms cpu=0.21ms instantiate=0.05ms memory=1.1MiB app=shop route=/cart/... component=cart
// 2026-01-31T12:00:00.001Z #18 stderr: what the program wrote
// 2026-01-31T12:00:00.002Z #18 trap: integer divide by zero
// 2026-01-31T12:00:00.003Z #19 cron "*/5 * * * *" ok 1.3ms cpu=0.30ms instantiate=0.05ms wake=0.61ms memory=1.1MiB app=shop component=sweep

/// <summary>Writes one line for each request, and what programs and traps say in between.</summary>
/// <remarks>
/// Lines are written in the thread pool: the first of some starts a write, and those that come meanwhile go with the next one. Under
/// load that is one system call for many requests, and no request waits for the log. Lines that cannot be written, on a full disk say, are
/// lost; how many is said once there is room again. Invocations go on without.
/// </remarks>
internal sealed class RequestLog(TextWriter writer) : IInvocationSink, IThreadPoolWorkItem
{
    // A log that is not taken away as fast as it comes makes its requests wait, instead of filling the memory.
    private const int MaxPendingCharacters = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private StringBuilder _pending = new();
    private StringBuilder _written = new();
    private int _pendingLines;
    private bool _isScheduled;
    private long _lost;          // of the writer, as what follows
    private string? _failure;    // why the first of them were lost

    /// <summary>The line of an invocation.</summary>
    public void Completed(InvocationRecord record) =>
        Line(string.Create(CultureInfo.InvariantCulture, $"#{record.Number} {InvocationText.Of(record)}"));

    /// <summary>A line about an invocation, such as why it failed.</summary>
    public void Note(in InvocationId invocation, string text) => Line($"#{invocation.Number} {text}");

    /// <summary>A line about no invocation, such as a skipped tick.</summary>
    public void Event(InvocationOrigin origin, string text) => Line(text + origin.LogText);

    /// <summary>A line that the program wrote to one of its standard streams.</summary>
    public void GuestLine(in InvocationId invocation, string stream, ReadOnlySpan<byte> line) =>
        Line($"#{invocation.Number} {stream}: {Printable(Encoding.UTF8.GetString(line))}");

    /// <summary>Returns once everything so far is written.</summary>
    public void Flush() => WritePending();

    void IThreadPoolWorkItem.Execute() => WritePending();

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

    private static StringBuilder AppendTime(StringBuilder lines) =>
        lines.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} ");

    private void Line(string text)
    {
        bool isFull;
        bool schedule;
        lock (_lock)
        {
            AppendTime(_pending).Append(text).Append('\n');
            _pendingLines++;
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
            int lines;
            lock (_lock)
            {
                (_pending, _written) = (_written, _pending);
                (lines, _pendingLines) = (_pendingLines, 0);
                _isScheduled = false;
            }

            try
            {
                if (lines > 0)
                {
                    Write();
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                _lost += lines;
                _failure ??= exception.Message;
            }
            finally
            {
                _written.Clear();
            }
        }
    }

    private void Write()
    {
        if (_lost > 0)
        {
            writer.Write(AppendTime(new StringBuilder()).Append(CultureInfo.InvariantCulture, $"{_lost} lines of this log are lost: {_failure}\n"));
        }

        writer.Write(_written);
        writer.Flush();
        (_lost, _failure) = (0, null);
    }
}
