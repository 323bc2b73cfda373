using System.Diagnostics;

namespace Wisp.Interrupts;

/// <summary>Poisons the limits of an interrupted store a few times more, since a transition may overwrite the first poison.</summary>
internal sealed class Interruption(Store store) : IAlarmed
{
    private const int Repeats = 10;

    private int _repeats;

    public long Look(long due)
    {
        store.Poison();
        return ++_repeats == Repeats ? long.MaxValue : Stopwatch.GetTimestamp() + (Stopwatch.Frequency * _repeats / 1000);
    }
}
