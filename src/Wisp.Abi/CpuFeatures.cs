namespace Wisp.Abi;

/// <summary>Instruction sets past x86-64-v2 (SSE4.2, POPCNT) that code may use; an image lists those it needs.</summary>
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
}
