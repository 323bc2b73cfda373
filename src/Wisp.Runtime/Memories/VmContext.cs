using Wisp.Abi;
using Wisp.Stacks;

namespace Wisp.Memories;

/// <summary>Fills the hot part of a context, which is the same for every instance.</summary>
internal static class VmContext
{
    public static void WriteStubs(nint context)
    {
        RawMemory.WritePointer(context + VmLayout.InterruptStub, Stubs.Interrupt);
        RawMemory.WritePointer(context + VmLayout.EnterContextStub, Stubs.EnterContext);
        RawMemory.WritePointer(context + VmLayout.LeaveContextStub, Stubs.LeaveContext);
        RawMemory.WritePointer(context + VmLayout.BuiltinStub, Stubs.BuiltinCall);
        RawMemory.WritePointer(context + VmLayout.CopyStub, Stubs.Copy);
        RawMemory.WritePointer(context + VmLayout.FillStub, Stubs.Fill);
    }
}
