namespace Wisp.Permissions;

/// <summary>Lets so many denials a second be shown, so that a program that is denied in a loop does not flood its
/// log.</summary>
/// <remarks>Thread safe. Those that are not shown are still counted, and in the audit.</remarks>
internal sealed class DenialThrottle
{
    /// <summary>Denials that are shown in a second.</summary>
    public const int PerSecond = 100;

    private readonly Lock _lock = new();
    private long _windowStart = long.MinValue;
    private int _shown;

    /// <summary>Whether a denial at a time is shown.</summary>
    /// <param name="milliseconds">A clock that only goes forward.</param>
    public bool Shows(long milliseconds)
    {
        lock (_lock)
        {
            if (milliseconds - 1000 >= _windowStart)
            {
                _windowStart = milliseconds;
                _shown = 0;
            }

            return _shown++ < PerSecond;
        }
    }
}
