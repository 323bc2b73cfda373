using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Wisp.Abi.Images;

/// <summary>
/// One number for everything that compiled code and the runtime must agree on. An image whose fingerprint differs is compiled again.
/// </summary>
internal static class CodeFingerprint
{
    /// <summary>Raised by hand when the meaning of compiled code changes in a way that the offsets below do not show.</summary>
    private const int CodeVersion = 1;

    public static ulong Current { get; } = Compute();

    private static ulong Compute()
    {
        ReadOnlySpan<long> agreement =
        [
            CodeVersion,
            VmLayout.StackLimit, VmLayout.Execution, VmLayout.Memory0Bytes, VmLayout.Memory0Base,
            VmLayout.Table0Length, VmLayout.Table0Elements, VmLayout.InterruptStub, VmLayout.EnterContextStub,
            VmLayout.LeaveContextStub, VmLayout.BuiltinStub, VmLayout.InstanceHandle, VmLayout.CopyStub, VmLayout.FillStub,
            VmLayout.FuelLeft, VmLayout.HotBytes, VmLayout.MemoryRecordBytes, VmLayout.TableRecordBytes, VmLayout.GlobalBytes,
            VmLayout.FuncRefBytes, VmLayout.FuncRefCode, VmLayout.FuncRefContext, VmLayout.FuncRefTypeId, VmLayout.FuncRefHost,
            VmLayout.ReservedBytes, VmLayout.GuardBytes,
            Enum.GetValues<Builtin>().Length, Enum.GetValues<TrapCode>().Length,
            CallingConvention.VectorRegisters, CallingConvention.IntegerArguments.Length,
        ];
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(agreement));
    }
}
