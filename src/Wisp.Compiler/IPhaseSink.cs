using Wisp.Compiler.Emission;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler;

/// <summary>Sees each function after each phase: "ssa", "opt", "select", "alloc", "asm".</summary>
internal interface IPhaseSink
{
    void Ssa(string phase, SsaFunction function);

    void Machine(string phase, MachineFunction function, Allocation.Allocation? allocation);

    // The positions are as X64Emitter.Positions says.
    void Code(string phase, MachineFunction function, Allocation.Allocation allocation, CodeBlob code, ReadOnlySpan<int> positions);
}
