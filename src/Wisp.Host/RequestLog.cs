using System.Globalization;
using System.Text;
using Wisp.Permissions;

namespace Wisp.Host;

/// <summary>What the log says about one request.</summary>
/// <param name="Number">Counts requests from 1; lines that the program wrote meanwhile carry it too.</param>
/// <param name="Method">Method of the request.</param>
/// <param name="Target">Path and query as the client sent them.</param>
/// <param name="Status">Status of the answer; 499 when the client went away before there was one.</param>
/// <param name="Elapsed">From the request's head to the answer's end.</param>
/// <param name="Instantiation">How long the instance took to make.</param>
/// <param name="MemoryBytes">Linear memory at the end, which is the most there was: memories never shrink.</param>
internal readonly record struct RequestRecord(
    long Number, string Method, string Target, int Status, TimeSpan Elapsed, TimeSpan Instantiation, long MemoryBytes);

// 2026-01-31T12:00:00.000Z #17 GET "/path?query" 200 1.3ms instantiate=0.05ms memory=1.1MiB
// 2026-01-31T12:00:00.001Z #18 stderr: what the program wrote
// 2026-01-31T12:00:00.002Z #18 trap: integer divide by zero

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

    public void Write(in RequestRecord request) => Line(string.Create(
        CultureInfo.InvariantCulture,
        $"#{request.Number} {request.Method} {GuestText.Quote(request.Target)} {request.Status} {request.Elapsed.TotalMilliseconds:0.0}ms "
        + $"instantiate={request.Instantiation.TotalMilliseconds:0.00}ms memory={request.MemoryBytes / 1048576.0:0.0}MiB"));

    /// <summary>A line about a request, such as why it failed.</summary>
    /// <param name="number">The request.</param>
    /// <param name="text">One line of our own words; what a guest said in it is escaped already.</param>
    public void Note(long number, string text) => Line($"#{number} {text}");

    /// <summary>A line that the program wrote to its standard error.</summary>
    public void StandardError(long number, ReadOnlySpan<byte> line) =>
        Line($"#{number} stderr: {Printable(Encoding.UTF8.GetString(line))}");

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
