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
/// <param name="CancellationToken">Cancelled when the guest is stopped while it waits.</param>
internal readonly record struct GuestCall(IGuestMemory Memory, CancellationToken CancellationToken)
{
    /// <summary>The caller's memory as it is now.</summary>
    public GuestMemory View => Memory.View;
}
