using System.Buffers.Binary;
using Wisp.Abi;
using Wisp.Stacks;

namespace Wisp.Memories;

/// <summary>Fills the hot part of a context, which is the same for every instance.</summary>
internal static class VmContext
{
    /// <param name="context">The context's bytes; r15 points behind the last.</param>
    public static void WriteStubs(Span<byte> context)
    {
        Write(context, VmLayout.InterruptStub, Stubs.Interrupt);
        Write(context, VmLayout.EnterContextStub, Stubs.EnterContext);
        Write(context, VmLayout.LeaveContextStub, Stubs.LeaveContext);
        Write(context, VmLayout.BuiltinStub, Stubs.BuiltinCall);
        Write(context, VmLayout.CopyStub, Stubs.Copy);
        Write(context, VmLayout.FillStub, Stubs.Fill);
    }

    private static void Write(Span<byte> context, int offset, nint stub) =>
        BinaryPrimitives.WriteInt64LittleEndian(context[(context.Length + offset)..], stub);
}
