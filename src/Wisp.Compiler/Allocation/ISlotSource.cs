using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

/// <summary>Gives spill slots that hold a value only within one point of the code.</summary>
internal interface ISlotSource
{
    /// <summary>A slot for a value of a class; the next request at another point may get the same one.</summary>
    Location TemporarySlot(RegisterClass registerClass);
}
