namespace Wisp.Host.Logs;

/// <summary>How much an app may still write: it fills with time, and every line takes from it. Not thread safe.</summary>
internal sealed class LogAllowance(LogOptions options, TimeProvider clock)
{
    private double _bytes = options.BurstBytes;
    private DateTimeOffset _time = clock.GetUtcNow();

    /// <summary>Takes what a line needs.</summary>
    /// <returns>Whether there was enough.</returns>
    public bool TryTake(long bytes)
    {
        DateTimeOffset now = clock.GetUtcNow();
        double seconds = Math.Max(0, (now - _time).TotalSeconds);   // a clock may be set back
        _bytes = Math.Min(options.BurstBytes, _bytes + (seconds * options.BytesPerSecond));
        _time = now;
        if (_bytes < bytes)
        {
            return false;
        }

        _bytes -= bytes;
        return true;
    }
}
