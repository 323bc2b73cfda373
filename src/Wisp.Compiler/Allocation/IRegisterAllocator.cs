using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

/// <summary>Gives every operand of a function a register or a spill slot.</summary>
internal interface IRegisterAllocator
{
    /// <summary>Allocates; the result replaces what <paramref name="allocation"/> held.</summary>
    void Allocate(MachineFunction function, Allocation allocation);
}
