using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Wisp.Abi;
using Wisp.Memories;
using Wisp.Platform;
using Wisp.Stacks;
using Wisp.Wasm.Validation;

namespace Wisp;

/// <summary>What modules and stores share: settings, code memory, pools of memory slots and stacks. One per process is usual.</summary>
/// <remarks>Thread safe. Dispose it after its modules and stores.</remarks>
public sealed class Engine : IDisposable, ITrimmed
{
    private const int TypesOfEngine = 1 << 20;
    private const int EnginesApart = 512;

    private static int _engines;

    private readonly IdleTrimming _trimming;

    /// <summary>Makes an engine.</summary>
    /// <param name="options">Settings; null takes the defaults.</param>
    /// <exception cref="PlatformNotSupportedException">Not Linux on x64, or the processor lacks SSE4.2 or POPCNT.</exception>
    public Engine(EngineOptions? options = null)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new PlatformNotSupportedException("Wisp runs on Linux on x64 processors");
        }

        if (!Sse42.IsSupported || !Popcnt.IsSupported)
        {
            throw new PlatformNotSupportedException("Wisp needs a processor with SSE4.2 and POPCNT (x86-64-v2)");
        }

        Options = options ?? new EngineOptions();
        Bounds = AddressSpace.Choose(Options.MemoryBounds, Options.OnMessage);
        _trimming = new IdleTrimming(this);
        Stacks = new StackPool(Options.MaxPooledStacks, _trimming);
        Slots = new SlotPool(Options.MaxPooledSlots, _trimming);
    }

    /// <summary>The settings it was made with.</summary>
    public EngineOptions Options { get; }

    internal BoundsMode Bounds { get; }

    /// <summary>Instruction sets that compiled code may use; tests make engines that use fewer.</summary>
    internal CpuFeatures Features { get; init; } = DetectFeatures();

    /// <summary>Numbers of types. Those of two engines differ, or a snapshot could not tell a number from data; see WaitingStack.</summary>
    internal TypeCanonicalizer Types { get; } = new((Interlocked.Increment(ref _engines) & (EnginesApart - 1)) * TypesOfEngine);

    internal StackPool Stacks { get; }

    internal SlotPool Slots { get; }

    /// <summary>Gives the pools' memory back to the machine.</summary>
    public void Dispose()
    {
        _trimming.Dispose();
        Stacks.Clear();
        Slots.Clear();
    }

    bool ITrimmed.Trim() => Stacks.Trim() | Slots.Trim();   // both, always

    private static CpuFeatures DetectFeatures() =>
        (Lzcnt.IsSupported ? CpuFeatures.Lzcnt : 0) | (Bmi1.IsSupported ? CpuFeatures.Bmi1 : 0)
        | (Bmi2.IsSupported ? CpuFeatures.Bmi2 : 0) | (Avx.IsSupported ? CpuFeatures.Avx : 0)
        | (Avx2.IsSupported ? CpuFeatures.Avx2 : 0) | (Fma.IsSupported ? CpuFeatures.Fma : 0)
        | (ProcessorModel.Current.HasJumpErratum ? CpuFeatures.PaddedJumps : 0);
}
