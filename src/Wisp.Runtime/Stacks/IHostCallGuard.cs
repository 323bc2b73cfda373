namespace Wisp.Stacks;

/// <summary>Decides about calls of host functions before they happen.</summary>
internal interface IHostCallGuard
{
    /// <summary>Throws when the call must not be; the guest ends with what it throws.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="first">Its first argument if that is an i32, such as a descriptor's number, or 0.</param>
    void Ask(string name, int first);

    /// <summary>Whether an async function is to wait instead of doing anything.</summary>
    bool Holds(string name, int first);

    /// <summary>Waits until the guest is given up.</summary>
    ValueTask HoldAsync(CancellationToken givenUp);
}
