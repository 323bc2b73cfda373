namespace Wisp;

/// <summary>A function of the host that ends before it returns.</summary>
/// <param name="call">Arguments, results and the caller.</param>
/// <remarks>An exception abandons the guest's frames and comes out of the call that entered the guest.</remarks>
public delegate void HostFunction(ref HostCall call);

/// <summary>A function of the host that may wait. While it waits the guest is suspended and no thread is used.</summary>
/// <param name="call">Arguments, results and the caller.</param>
/// <returns>Completes when the results are set. Completed at once, it costs no suspension.</returns>
/// <remarks>An exception abandons the guest's frames and comes out of the call that entered the guest.</remarks>
public delegate ValueTask AsyncHostFunction(AsyncHostCall call);
