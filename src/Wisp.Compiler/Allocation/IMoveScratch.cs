using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

/// <summary>Gives places that hold a value only within one point of the code.</summary>
internal interface IMoveScratch
{
    /// <summary>
    /// Registers of a class that hold nothing at the point whose moves are being resolved, a mask over MachineRegister. Those that
    /// the moves themselves name may be among them.
    /// </summary>
    uint FreeRegisters(RegisterClass registerClass);

    /// <summary>A slot for a value of a class; the next request at another point may get the same one.</summary>
    Location TemporarySlot(RegisterClass registerClass);
}
