using Wisp.Abi;
using Wisp.Platform.Linux;

namespace Wisp.Memories;

/// <summary>Finds out whether memories can be guarded by address space, and how much to reserve where they cannot.</summary>
internal static unsafe class AddressSpace
{
    /// <summary>Memories that a process should be able to reserve before guarding is worth it.</summary>
    private const ulong WantedMemories = 64;

    /// <summary>Most that a memory reserves where guards are not used.</summary>
    private const long MaxReserve = 16L << 30;

    /// <summary>Least that it reserves for growing, and into how many such memories a limited address space should divide.</summary>
    private const long MinReserve = 64L << 20;

    private const ulong WantedUnguarded = 16;

    public static BoundsMode Choose(MemoryBounds wanted, Action<string>? onMessage)
    {
        if (wanted != MemoryBounds.Automatic)
        {
            return wanted == MemoryBounds.Guarded ? BoundsMode.Guarded : BoundsMode.Explicit;
        }

        ulong limit = Limit();
        if (limit < WantedMemories * (ulong)(VmLayout.ReservedBytes + VmLayout.GuardBytes))
        {
            onMessage?.Invoke(
                $"address space is limited to {limit >> 20} MiB (ulimit -v): memories are checked by comparisons, "
                + "which costs speed; guards need 4 GiB of address space for each memory");
            return BoundsMode.Explicit;
        }

        nuint probe = unchecked((nuint)(VmLayout.ReservedBytes + VmLayout.GuardBytes));
        nint mapping = Libc.Reserve(probe);
        if (mapping == Libc.MapFailed)
        {
            onMessage?.Invoke(
                "4 GiB of address space cannot be reserved: memories are checked by comparisons, which costs speed");
            return BoundsMode.Explicit;
        }

        Libc.Unmap(mapping, probe);
        return BoundsMode.Guarded;
    }

    /// <summary>Bytes to reserve for a memory that grows in place, where no guard is used.</summary>
    /// <param name="minimumBytes">Its size at the start.</param>
    /// <param name="maximumBytes">The most it may ever have.</param>
    public static long ReserveFor(long minimumBytes, long maximumBytes)
    {
        long share = (long)Math.Min(Limit() / WantedUnguarded, MaxReserve) & ~(VmLayout.WasmPageBytes - 1);
        long wanted = Math.Min(maximumBytes, Math.Max(share, MinReserve));
        return Math.Max(Math.Max(minimumBytes, wanted), VmLayout.WasmPageBytes);
    }

    // ulimit -v; the largest number when there is none.
    private static ulong Limit()
    {
        Libc.ResourceLimit limit;
        return Libc.GetResourceLimit(Libc.RlimitAs, &limit) == 0 ? limit.Current : ulong.MaxValue;
    }
}
