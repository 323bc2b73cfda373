using Wisp.Abi;

namespace Wisp.Compiler.Allocation;

/// <summary>Places in text: "rax", "xmm3", "slot2", "none".</summary>
internal static class LocationText
{
    private const int FirstVector = (int)MachineRegister.Xmm0;

    private static readonly string[] Names =
    [
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
        "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
    ];

    public static string Of(MachineRegister register) => Names[(int)register];

    public static string Of(Location location)
    {
        if (location.IsRegister)
        {
            return location.Bits < Names.Length ? Names[location.Bits] : $"register{location.Bits}";
        }

        return location.IsSlot ? $"slot{location.SlotNumber}" : "none";
    }

    public static bool TryParseRegister(ReadOnlySpan<char> text, out MachineRegister register)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (text.SequenceEqual(Names[i]))
            {
                register = (MachineRegister)i;
                return true;
            }
        }

        register = default;
        return false;
    }

    /// <summary>Whether a register is one of the vector unit's.</summary>
    public static bool IsVector(MachineRegister register) => (int)register >= FirstVector;
}
