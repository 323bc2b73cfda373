using System.Runtime.Intrinsics.X86;

namespace Wisp.Stacks;

/// <summary>What the stubs may use of the processor.</summary>
/// <param name="HasAvx">Vectors of 32 bytes, which the system saves too.</param>
/// <param name="HasFastRepeat">"rep movsb" and "rep stosb" move more than a byte at a time (ERMS).</param>
internal readonly record struct StubOptions(bool HasAvx, bool HasFastRepeat)
{
    private const int FastRepeatBit = 9;   // of ebx in leaf 7

    /// <summary>Of this processor.</summary>
    public static StubOptions Detect()
    {
        bool hasFastRepeat = X86Base.IsSupported
            && X86Base.CpuId(0, 0).Eax >= 7
            && ((X86Base.CpuId(7, 0).Ebx >> FastRepeatBit) & 1) != 0;
        return new StubOptions(Avx.IsSupported, hasFastRepeat);
    }
}
