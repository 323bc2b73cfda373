using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

/// <summary>Names of the x64 instructions.</summary>
internal sealed class X64OpNames : IMachineOpNames
{
    public string NameOf(ushort op) => X64VectorOps.IsVectorOp(op) ? X64VectorOps.Of(op).ToString() : ((X64Op)op).ToString();

    public bool TryFind(ReadOnlySpan<char> name, out ushort op)
    {
        if (Enum.TryParse(name, out X64VectorOp vector))
        {
            op = (ushort)(X64VectorOps.First + (int)vector);
            return true;
        }

        bool found = Enum.TryParse(name, out X64Op parsed);
        op = (ushort)parsed;
        return found;
    }
}
