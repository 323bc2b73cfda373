namespace Wisp;

/// <summary>What modules and stores share: settings, code memory, pools of memory slots and stacks. One per process is usual.</summary>
/// <remarks>Thread safe. Dispose it after its modules and stores.</remarks>
public sealed class Engine : IDisposable
{
    /// <summary>Makes an engine.</summary>
    /// <param name="options">Settings; null takes the defaults.</param>
    /// <exception cref="PlatformNotSupportedException">Not Linux on x64, or the processor lacks SSE4.2 or POPCNT.</exception>
    public Engine(EngineOptions? options = null)
    {
        Options = options ?? new EngineOptions();
    }

    /// <summary>The settings it was made with.</summary>
    public EngineOptions Options { get; }

    /// <summary>Gives the pools' memory back to the machine.</summary>
    public void Dispose()
    {
    }
}
