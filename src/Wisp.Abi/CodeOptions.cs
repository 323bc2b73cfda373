namespace Wisp.Abi;

/// <summary>How accesses to linear memory are kept inside it.</summary>
internal enum BoundsMode : byte
{
    /// <summary>By reserved address space and guard pages.</summary>
    Guarded,

    /// <summary>By a comparison before each access, where address space is short.</summary>
    Explicit,
}

/// <summary>What of the target and the engine decides the bytes of compiled code; stored in the image.</summary>
/// <param name="Features">Instruction sets that code may use.</param>
/// <param name="Bounds">How memory accesses are checked. A 64-bit memory is always checked explicitly.</param>
internal readonly record struct CodeOptions(CpuFeatures Features, BoundsMode Bounds);
