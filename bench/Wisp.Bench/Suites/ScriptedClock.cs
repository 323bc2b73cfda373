namespace Wisp.Bench.Suites;

/// <summary>A clock that goes by calls: the same work in every engine for a program that sizes its work by the clock.</summary>
/// <remarks>
/// CoreMark repeats itself with ten times the iterations until one pass took a second, and then for ten seconds more. By the wall
/// clock that is other work in each engine and each run. By this one the passes of 10, 100 and 1,000 iterations are short, that of
/// 10,000 took ten seconds, and one of 20,000 follows. v8.mjs has the same.
/// </remarks>
internal sealed class ScriptedClock
{
    private const long Millisecond = 1_000_000;
    private const long TenSeconds = 10_000 * Millisecond;
    private const int ShortCalls = 7;

    private int _calls;

    public long Now()
    {
        int call = _calls++;
        return call < ShortCalls ? call * Millisecond : TenSeconds * (call - ShortCalls + 1);
    }
}
