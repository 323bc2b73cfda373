namespace Wisp.Interrupts;

/// <summary>What the alarm calls when it is due.</summary>
internal interface IAlarmed
{
    /// <summary>Looks at what it watches. Quick: others wait.</summary>
    /// <returns>When to look again, by Stopwatch; long.MaxValue for never.</returns>
    long Look();
}
