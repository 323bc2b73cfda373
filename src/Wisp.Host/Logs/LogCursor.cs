using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace Wisp.Host.Logs;

/// <summary>A place in an app's log, from which lines are read that a query wants. Not thread safe.</summary>
/// <param name="segments">The segments as they are now, the oldest first.</param>
/// <param name="query">What is wanted.</param>
internal sealed class LogCursor(Func<LogSegment[]> segments, LogQuery query) : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private readonly byte[]? _mark = query.Invocation is long invocation ? LogFormat.MarkOf(invocation) : null;
    private byte[] _buffer = new byte[ReadBytes];
    private int _start;        // of what is in the buffer and not read
    private int _end;
    private long _position;    // in the file, of the buffer's end
    private long _passed;      // number of the last segment that was read
    private LogSegment? _segment;
    private SafeFileHandle? _file;
    private bool _isSkipping;  // in a line that is too long to be one

    /// <summary>Goes to the first line that is wanted.</summary>
    public void Start()
    {
        LogSegment[] all = segments();
        int first = 0;
        while (query.Since is DateTimeOffset since && first + 1 < all.Length && all[first + 1].FirstTime < since)
        {
            first++;
        }

        if (query.Tail is int tail)
        {
            StartTail(all.AsSpan(first), tail);
        }
        else if (first < all.Length)
        {
            Enter(all[first], 0);
        }
    }

    /// <summary>Reads the next line that is wanted, if there is one so far.</summary>
    public bool TryRead([NotNullWhen(true)] out LogLine? line)
    {
        while (TryReadBytes(out ReadOnlySpan<byte> bytes))
        {
            if (Fits(bytes, out line))
            {
                return true;
            }
        }

        line = null;
        return false;
    }

    public void Dispose() => _file?.Dispose();

    private void StartTail(ReadOnlySpan<LogSegment> all, int tail)
    {
        var places = new Queue<long>();
        LogSegment? start = null;
        long place = 0;
        int missing = tail;
        for (int i = all.Length - 1; i >= 0 && missing > 0; i--)
        {
            places.Clear();
            Enter(all[i], 0);
            while (TryReadHere(out ReadOnlySpan<byte> bytes, out long at))
            {
                if (Fits(bytes, out _))
                {
                    places.Enqueue(at);
                    if (places.Count > missing)
                    {
                        places.Dequeue();
                    }
                }
            }

            missing -= places.Count;
            if (places.Count > 0)
            {
                (start, place) = (all[i], places.Peek());
            }
        }

        if (start is not null)
        {
            Enter(start, place);
        }
        else if (all.Length > 0)
        {
            Enter(all[^1], tail == 0 ? all[^1].Bytes : 0);
        }
    }

    private bool Fits(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out LogLine? line)
    {
        line = null;
        return (_mark is null || bytes.IndexOf(_mark) >= 0) && LogFormat.TryRead(bytes, out line) && !(line.Time < query.Since);
    }

    private bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        do
        {
            if (TryReadHere(out bytes, out _))
            {
                return true;
            }
        }
        while (GoOn());

        return false;
    }

    /// <summary>Enters the segment behind the present one, if there is one.</summary>
    private bool GoOn()
    {
        LogSegment? next = Array.Find(segments(), segment => segment.First > _passed);
        if (next is null)
        {
            return false;
        }

        // A segment that another one follows no longer grows, but it may have grown since it was looked at.
        if (_segment is not null && _position < _segment.Bytes)
        {
            return true;
        }

        Enter(next, 0);
        return true;
    }

    private void Enter(LogSegment segment, long position)
    {
        _file?.Dispose();
        _file = null;
        _segment = segment;
        _passed = segment.First;
        _position = position;
        _start = _end = 0;
        _isSkipping = false;
        try
        {
            _file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            _segment = null;   // given up meanwhile
        }
    }

    private bool TryReadHere(out ReadOnlySpan<byte> bytes, out long at)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                at = _position - (_end - _start);
                bytes = _buffer.AsSpan(_start, length);
                _start += length + 1;
                if (!_isSkipping)
                {
                    return true;
                }

                _isSkipping = false;
            }
            else if (!Fill())
            {
                bytes = default;
                at = 0;
                return false;
            }
        }
    }

    private bool Fill()
    {
        if (_file is null || _segment is null || _position >= _segment.Bytes)
        {
            return false;
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end >= LogFormat.MaxLineBytes)
        {
            (_end, _isSkipping) = (0, true);
        }
        else if (_end + ReadBytes > _buffer.Length)
        {
            Array.Resize(ref _buffer, _end + ReadBytes);
        }

        int wanted = (int)Math.Min(ReadBytes, _segment.Bytes - _position);
        int count = RandomAccess.Read(_file, _buffer.AsSpan(_end, wanted), _position);
        _position += count;
        _end += count;
        _segment = count > 0 ? _segment : null;   // cut by somebody else: there is no more of it
        return count > 0;
    }
}
