namespace Wisp.Host.Logs;

/// <summary>Says which of an app's requests that came out well are lines: the first few of each second. The others are counted.
/// Thread safe.</summary>
/// <param name="perSecond">So many.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class RequestSample(int perSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _second;
    private int _taken;
    private long _leftOut;

    /// <summary>Whether a request that ended now is a line.</summary>
    /// <param name="leftOut">How many were none since the last one that was; said once.</param>
    public bool TryTake(out long leftOut)
    {
        long second = clock.GetTimestamp() / clock.TimestampFrequency;
        lock (_lock)
        {
            if (second != _second)
            {
                _second = second;
                _taken = 0;
            }

            if (_taken >= perSecond)
            {
                _leftOut++;
                leftOut = 0;
                return false;
            }

            _taken++;
            leftOut = _leftOut;
            _leftOut = 0;
            return true;
        }
    }
}
