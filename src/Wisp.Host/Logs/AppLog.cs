using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Wisp.Host.Logs;

// DATA/logs/APP/0000000000000001.ndjson      the lines 1 to 40,000
//               0000000000040001.ndjson      the lines from 40,001 on; grows
//
// 1. Who adds a line waits for nobody: it is put into a list of bounded size, or dropped and counted.
// 2. One thread at a time writes, in the order of the list. Numbers are given there, so they are in the order of the file.
// 3. Only the last segment grows, and only where its last whole line ends: what a failed write left is written over.
// 4. Readers see a segment up to its Bytes, which is changed after the bytes are there.
//
// Lines are handed to the kernel, not forced to the disk: they survive a crash of the process, and mostly one of the machine.

/// <summary>The log of one app. Thread safe.</summary>
/// <param name="folder">Where its segments are; made with the first line.</param>
/// <param name="store">Has it written.</param>
internal sealed partial class AppLog(string folder, LogStore store) : IDisposable
{
    private const int EntryBytes = 96;   // of an entry in memory beside its text

    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private readonly LogFormat _format = new();
    private readonly LogAllowance _allowance = new(store.Options, store.Clock);
    private List<LogLine> _pending = [];
    private List<LogLine> _batch = [];
    private long _pendingBytes;
    private long _dropped;
    private bool _isScheduled;
    private bool _isClosed;

    // Of the writer.
    private readonly ArrayBufferWriter<byte> _output = new();
    private volatile LogSegment[]? _segments;   // null until somebody needs to know
    private long _next;
    private volatile TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Which requests that came out well are lines.</summary>
    public RequestSample Requests { get; } = new(store.Options.RequestsPerSecond, store.Clock);

    /// <summary>Lines that were dropped so far.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds a line, whose number is given later, or drops it.</summary>
    public void Add(LogLine line)
    {
        line = line.Text.Length <= LogFormat.MaxTextLength ? line : line with { Text = Cut(line.Text) };
        long bytes = EntryBytes + (2L * line.Text.Length);
        lock (_lock)
        {
            bool fits = _pendingBytes + bytes <= store.Options.MaxPendingBytes && _allowance.TryTake(EntryBytes + line.Text.Length);
            if (_isClosed || !fits || !store.TryReserve(bytes))
            {
                _dropped++;
                Dropped++;
                if (!_isScheduled && !_isClosed)
                {
                    _isScheduled = true;
                    store.ScheduleLater(this);
                }

                return;
            }

            _pending.Add(line);
            _pendingBytes += bytes;
            if (_isScheduled)
            {
                return;
            }

            _isScheduled = true;
        }

        store.Schedule(this);
    }

    /// <summary>Writes what waits.</summary>
    public void WritePending()
    {
        lock (_writing)
        {
            long bytes;
            long dropped;
            lock (_lock)
            {
                (_pending, _batch) = (_batch, _pending);
                (bytes, _pendingBytes) = (_pendingBytes, 0);
                (dropped, _dropped) = (_dropped, 0);
                _isScheduled = false;
            }

            try
            {
                if (!_isClosed && (_batch.Count > 0 || dropped > 0))
                {
                    Write(dropped);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                lock (_lock)
                {
                    _dropped += _batch.Count + dropped;
                    Dropped += _batch.Count;
                }

                store.Report($"{folder}: {exception.Message}");
            }
            finally
            {
                _batch.Clear();
                store.Return(bytes);
            }
        }
    }

    /// <summary>Gives up what is too old or too much.</summary>
    public void Retain()
    {
        lock (_writing)
        {
            if (!_isClosed)
            {
                Retain([.. Opened()], store.Clock.GetUtcNow());
            }
        }
    }

    /// <summary>Removes all of it from the disk; nothing is added any more, and who follows it is told to end.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        lock (_writing)
        {
            _segments = [];
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        _written.TrySetResult();
    }

    /// <summary>Ends it: nothing is added any more, who follows it is told to end. What waits must be written before.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        lock (_writing)
        {
            _format.Dispose();
        }

        _written.TrySetResult();
    }

    private static string Cut(string text) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text.AsSpan(0, LogFormat.MaxTextLength)}… ({text.Length - LogFormat.MaxTextLength} more characters)");

    private LogSegment[] Opened()
    {
        if (_segments is null)
        {
            lock (_writing)
            {
                _segments ??= [.. LogSegments.Open(folder, out _next)];
            }
        }

        return _segments;
    }

    private void Write(long dropped)
    {
        var segments = new List<LogSegment>(Opened());
        _output.ResetWrittenCount();
        foreach (LogLine line in _batch)
        {
            AddLine(segments, line);
        }

        // Those that were dropped came behind what was in the list.
        if (dropped > 0)
        {
            DateTimeOffset now = store.Clock.GetUtcNow();
            AddLine(segments, new LogLine { Sequence = 0, Time = now, Stream = LogLine.Host, Text = $"{dropped} lines dropped: the app writes more than is kept" });
        }

        FlushTo(segments);
        Retain(segments, store.Clock.GetUtcNow());
        Interlocked.Exchange(ref _written, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private void AddLine(List<LogSegment> segments, LogLine line)
    {
        if (segments.Count == 0 || segments[^1].Bytes + _output.WrittenCount >= store.Options.SegmentBytes)
        {
            FlushTo(segments);
            segments.Add(new LogSegment(Path.Combine(folder, LogSegment.NameOf(_next)), _next, line.Time));
        }

        _format.Write(_output, line with { Sequence = _next++ });
        segments[^1].LastTime = line.Time;
    }

    private void FlushTo(List<LogSegment> segments)
    {
        if (_output.WrittenCount == 0)
        {
            return;
        }

        LogSegment segment = segments[^1];
        Directory.CreateDirectory(folder);
        using (SafeFileHandle file = File.OpenHandle(
            segment.Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            RandomAccess.Write(file, _output.WrittenSpan, segment.Bytes);
        }

        segment.Bytes += _output.WrittenCount;
        _output.ResetWrittenCount();
        _segments = [.. segments];
    }

    private void Retain(List<LogSegment> segments, DateTimeOffset now)
    {
        long bytes = segments.Sum(segment => segment.Bytes);
        int gone = 0;
        while (gone < segments.Count && IsPast(segments[gone], bytes, isLast: gone == segments.Count - 1, now))
        {
            bytes -= segments[gone].Bytes;
            File.Delete(segments[gone].Path);
            gone++;
        }

        if (gone > 0)
        {
            segments.RemoveRange(0, gone);
            _segments = [.. segments];
        }
    }

    private bool IsPast(LogSegment segment, long bytes, bool isLast, DateTimeOffset now) =>
        segment.LastTime < now - store.Options.MaxAge || (bytes > store.Options.MaxBytes && !isLast);
}
