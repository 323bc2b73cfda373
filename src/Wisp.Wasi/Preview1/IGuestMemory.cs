namespace Wisp.Wasi.Preview1;

/// <summary>Gives views of a guest's memory to functions that may wait: a view cannot be kept while waiting, nor need
/// it be.</summary>
internal interface IGuestMemory
{
    /// <summary>The memory as it is now.</summary>
    GuestMemory View { get; }
}

/// <summary>A call of a function that may wait.</summary>
/// <param name="Memory">The caller's memory.</param>
/// <param name="Host">The call; null in tests. Its token costs something, so only a call that waits asks for
/// it.</param>
/// <param name="Token">The token when there is no call.</param>
internal readonly record struct GuestCall(IGuestMemory Memory, AsyncHostCall? Host, CancellationToken Token = default)
{
    /// <summary>Cancelled when the guest is stopped while it waits.</summary>
    public CancellationToken CancellationToken => Host?.CancellationToken ?? Token;

    /// <summary>The caller's memory as it is now.</summary>
    public GuestMemory View => Memory.View;
}
