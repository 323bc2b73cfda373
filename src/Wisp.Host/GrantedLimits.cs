using Wisp.Permissions;

namespace Wisp.Host;

/// <summary>Turns granted limits into those of a store; what was not said keeps the store's default.</summary>
internal static class GrantedLimits
{
    public static StoreLimits ToStoreLimits(ResourceLimits granted)
    {
        var limits = new StoreLimits { CpuTime = granted.CpuTime };
        return limits with
        {
            MaxMemoryBytes = granted.MemoryBytes ?? limits.MaxMemoryBytes,
            MaxTableElements = granted.TableElements ?? limits.MaxTableElements,
            StackBytes = granted.StackBytes is long bytes ? (int)Math.Min(bytes, int.MaxValue) : limits.StackBytes,
        };
    }
}
