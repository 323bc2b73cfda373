namespace Wisp.Host.Invocations;

/// <summary>Numbers invocations from 1. Who writes to one log shares one of these. Thread safe.</summary>
internal sealed class InvocationNumbers
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);
}
