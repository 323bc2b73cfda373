using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

/// <summary>Which instructions take r11 or xmm15 as scratch: to the allocator, registers that they clobber.</summary>
internal static class X64Scratch
{
    private const uint Integer = 1u << (int)MachineRegister.R11;
    private const uint Float = 1u << (int)MachineRegister.Xmm15;

    /// <summary>A mask over MachineRegister; part of <see cref="MachineFunction.ScratchRegisters"/>.</summary>
    public static uint Of(in MachineInst inst, CpuFeatures features) => (X64Op)inst.Op switch
    {
        X64Op.JumpTable or X64Op.FloatCompareSet => Integer,
        X64Op.Divide => (DivideKind)inst.Condition == DivideKind.QuotientSigned ? Integer : 0,
        X64Op.Unary => OfUnary((UnaryKind)inst.Condition, features),
        X64Op.ConvertInteger => (inst.Condition & 3) == 3 ? Integer : 0,   // from u64
        X64Op.FloatCopySign => Float,
        X64Op.TruncateTrapping => inst.Size == 4 ? Integer : Integer | Float,
        X64Op.TruncateSaturating => Integer | Float,
        X64Op.TailCall or X64Op.TailCallImport or X64Op.TailCallReference or X64Op.TailCallOwnReference => Integer | Float,
        _ => 0,
    };

    private static uint OfUnary(UnaryKind kind, CpuFeatures features) => kind switch
    {
        UnaryKind.LeadingZeros => features.HasFlag(CpuFeatures.Lzcnt) ? 0 : Integer,
        UnaryKind.TrailingZeros => features.HasFlag(CpuFeatures.Bmi1) ? 0 : Integer,
        _ => 0,
    };
}
