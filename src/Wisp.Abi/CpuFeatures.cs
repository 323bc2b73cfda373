namespace Wisp.Abi;

/// <summary>
/// Instruction sets past x86-64-v2 (SSE4.2, POPCNT) that code may use, and how it is laid out for a processor; an image lists those
/// it was made with.
/// </summary>
[Flags]
internal enum CpuFeatures : ulong
{
    None = 0,
    Lzcnt = 1,
    Bmi1 = 2,
    Bmi2 = 4,
    Avx = 8,
    Avx2 = 16,
    Fma = 32,

    /// <summary>Jumps keep clear of the ends of 32-byte blocks. No instruction set: code that has it runs everywhere.</summary>
    PaddedJumps = 1UL << 32,
}
