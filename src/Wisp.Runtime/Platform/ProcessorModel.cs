using System.Runtime.Intrinsics.X86;

namespace Wisp.Platform;

// Leaf 0 of CPUID names the maker, leaf 1 the model:   [family' 27:20] [model' 19:16] [family 11:8] [model 7:4] [stepping 3:0]
//
// Of Intel's family 6 the model is model' * 16 + model.
// https://www.intel.com/content/dam/support/us/en/documents/processors/mitigations-jump-conditional-code-erratum.pdf

/// <summary>What processor this is.</summary>
/// <param name="IsIntel">Whether Intel made it.</param>
/// <param name="Signature">What CPUID says in eax of leaf 1.</param>
internal readonly record struct ProcessorModel(bool IsIntel, uint Signature)
{
    private const int FirstCooperLake = 10;   // stepping of the server model

    /// <summary>The one that this process runs on.</summary>
    public static ProcessorModel Current { get; } = Read();

    /// <summary>
    /// Whether jumps that cross or end a 32-byte block keep it out of the cache of decoded instructions: Skylake, and what followed
    /// it with the same core, by Intel's microcode.
    /// </summary>
    public bool HasJumpErratum => IsIntel && Family == 6 && Model switch
    {
        0x4E or 0x5E or 0x8E or 0x9E or 0xA5 or 0xA6 or 0xAE => true,
        0x55 => Stepping < FirstCooperLake,
        _ => false,
    };

    private int Family => (int)(Signature >> 8 & 15);

    private int Model => (int)((Signature >> 12 & 0xF0) | (Signature >> 4 & 15));

    private int Stepping => (int)(Signature & 15);

    private static ProcessorModel Read()
    {
        if (!X86Base.IsSupported)
        {
            return default;
        }

        (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        bool isIntel = (ebx, edx, ecx) == (0x756E6547, 0x49656E69, 0x6C65746E);   // Genu ineI ntel
        return new ProcessorModel(isIntel, (uint)X86Base.CpuId(1, 0).Eax);
    }
}
