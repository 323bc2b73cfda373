using Microsoft.Win32.SafeHandles;

namespace Wisp.Host.Logs;

/// <summary>Finds the segments of a log on the disk, and what of them survived.</summary>
internal static class LogSegments
{
    private const int HeadBytes = 64 * 1024;

    /// <summary>The segments in a folder, the oldest first. The last one is cut behind its last whole line.</summary>
    /// <param name="folder">The folder; there need not be one.</param>
    /// <param name="next">Number of the next line.</param>
    public static List<LogSegment> Open(string folder, out long next)
    {
        next = 1;
        var segments = new List<LogSegment>();
        if (!Directory.Exists(folder))
        {
            return segments;
        }

        foreach (string path in Directory.EnumerateFiles(folder))
        {
            if (LogSegment.TryParseName(Path.GetFileName(path), out long first))
            {
                segments.Add(Measure(path, first));
            }
        }

        segments.Sort((a, b) => a.First.CompareTo(b.First));
        for (int i = 0; i + 1 < segments.Count; i++)
        {
            segments[i].LastTime = segments[i + 1].FirstTime;
        }

        if (segments.Count > 0)
        {
            next = Recover(segments[^1]);
        }

        return segments;
    }

    private static LogSegment Measure(string path, long first)
    {
        var file = new FileInfo(path);
        byte[] head = new byte[Math.Min(HeadBytes, file.Length)];
        using SafeFileHandle handle = File.OpenHandle(path);
        int count = RandomAccess.Read(handle, head, 0);
        int end = head.AsSpan(0, count).IndexOf((byte)'\n');
        DateTimeOffset time = end >= 0 && LogFormat.TryRead(head.AsSpan(0, end), out LogLine? line) ? line.Time : file.LastWriteTimeUtc;
        return new LogSegment(path, first, time) { Bytes = file.Length };
    }

    /// <summary>A crash may have left a part of a line, or a hole where the disk did not get to write: neither is a line.</summary>
    /// <returns>Number of the next line.</returns>
    private static long Recover(LogSegment segment)
    {
        byte[] bytes = File.ReadAllBytes(segment.Path);
        long next = segment.First;
        int whole = 0;
        for (int start = 0; start < bytes.Length;)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0)
            {
                break;
            }

            if (LogFormat.TryRead(bytes.AsSpan(start, length), out LogLine? line))
            {
                next = Math.Max(next, line.Sequence + 1);
                segment.LastTime = line.Time;
                whole = start + length + 1;
            }

            start += length + 1;
        }

        if (whole < bytes.Length)
        {
            using SafeFileHandle handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Write);
            RandomAccess.SetLength(handle, whole);
        }

        segment.Bytes = whole;
        return next;
    }
}
