namespace Wisp.Host.Logs;

/// <summary>A file with some lines of an app's log, one after the other.</summary>
/// <param name="path">Its path; it comes into being with its first line.</param>
/// <param name="first">Number of its first line.</param>
/// <param name="firstTime">Time of its first line.</param>
internal sealed class LogSegment(string path, long first, DateTimeOffset firstTime)
{
    private const string Extension = ".ndjson";

    private long _bytes;

    public string Path => path;

    public long First => first;

    public DateTimeOffset FirstTime { get; } = firstTime;

    /// <summary>Time of its last line so far. Only the writer asks.</summary>
    public DateTimeOffset LastTime { get; set; } = firstTime;

    /// <summary>Bytes of whole lines; what stands behind them is none yet.</summary>
    public long Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }

    public static string NameOf(long first) => first.ToString("d16", System.Globalization.CultureInfo.InvariantCulture) + Extension;

    /// <summary>The number in the name of a segment.</summary>
    public static bool TryParseName(string name, out long first)
    {
        first = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Extension.Length), System.Globalization.NumberStyles.None, null, out first)
            && first > 0 && name == NameOf(first);
    }
}
