namespace Wisp.Interrupts;

/// <summary>What the alarm calls when it is due.</summary>
internal interface IAlarmed
{
    /// <summary>Looks at what it watches. Quick: others wait.</summary>
    /// <param name="due">The moment that was set, by Stopwatch.</param>
    /// <returns>When to look again; long.MaxValue for never.</returns>
    long Look(long due);
}
