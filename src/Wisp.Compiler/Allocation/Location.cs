using Wisp.Abi;

namespace Wisp.Compiler.Allocation;

/// <summary>Where a value is after allocation: a register or a spill slot.</summary>
/// <param name="Bits">Zero or more: a MachineRegister. Negative: a slot, its number is the complement; slots count in 8 bytes.</param>
internal readonly record struct Location(int Bits)
{
    public static readonly Location None = new(int.MinValue);

    public static Location Of(MachineRegister register) => new((int)register);

    public static Location Slot(int slot) => new(~slot);

    public bool IsRegister => Bits >= 0;

    public bool IsSlot => Bits < 0 && Bits != int.MinValue;

    public MachineRegister Register => (MachineRegister)Bits;

    public int SlotNumber => ~Bits;
}
